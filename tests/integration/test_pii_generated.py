"""ehub pii scan on text that this file makes: every structured class in varied wording, and numbers of daily business that look
like them. The values are made here, checksums and all, so that nothing is expected because the scanner says so."""
import collections
import hashlib
import json
import os
import random
import string
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EHUB = Path(os.environ.get("EHUB_TEST_PROGRAM", ROOT / "build/ehub"))
EACH = 400  # sentences of a class
R = random.Random(20240704)


def scan(texts):
    lines = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    done = subprocess.run([EHUB, "pii", "scan", "--format", "jsonl", "--offsets", "codepoints", "--no-names"],
                          input=lines, capture_output=True, text=True, timeout=120, check=True)
    return [{(s["type"], s["start"], s["end"]) for s in json.loads(line)["spans"]} for line in done.stdout.splitlines()]


def d(n, first="0123456789"):
    return R.choice(first) + "".join(R.choice(string.digits) for _ in range(n - 1)) if n else ""


def luhn(digits):
    """The digit that makes digits + it pass (ISO/IEC 7812-1)."""
    total = 0
    for i, c in enumerate(reversed(digits)):
        v = int(c) * (2 if i % 2 == 0 else 1)
        total += v - 9 if v > 9 else v
    return str(-total % 10)


def card():
    prefix, length = R.choice([("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("3530", 16)])
    body = prefix + d(length - 1 - len(prefix))
    full = body + luhn(body)
    sep = R.choice(["", "", " ", "-"])
    cut = [4, 6, 5] if length == 15 else [4, 4, 4, 4]
    parts, at = [], 0
    for n in cut:
        parts.append(full[at:at + n])
        at += n
    return sep.join(parts)


def iban():
    country, length, letters = R.choice([("DE", 22, 0), ("FR", 27, 0), ("GB", 22, 4), ("ES", 24, 0), ("NL", 18, 4), ("AT", 20, 0)])
    body = "".join(R.choice(string.ascii_uppercase) for _ in range(letters)) + d(length - 4 - letters)
    number = int("".join(str(int(c, 36)) for c in body + country + "00"))
    full = f"{country}{98 - number % 97:02d}{body}"
    return full if R.random() < .5 else " ".join(full[i:i + 4] for i in range(0, length, 4))


def aba():
    body = f"{R.choice([*range(1, 13), *range(21, 33)]):02d}" + d(6)
    total = sum(int(c) * w for c, w in zip(body, (3, 7, 1, 3, 7, 1, 3, 7)))
    return body + str(-total % 10)


def npi():
    body = R.choice("12") + d(8)
    return body + luhn("80840" + body)


def mbi():
    alpha = "ACDEFGHJKMNPQRTUVWXY"
    a, an = (lambda: R.choice(alpha)), (lambda: R.choice(alpha + string.digits))
    return d(1, "123456789") + a() + an() + d(1) + a() + an() + d(1) + a() + a() + d(2)


def dea():
    n = d(6)
    return R.choice("ABFM") + R.choice(string.ascii_uppercase) + n + str(
        (int(n[0]) + int(n[2]) + int(n[4]) + 2 * (int(n[1]) + int(n[3]) + int(n[5]))) % 10)


def bitcoin():
    raw = b"\0" + bytes(R.randrange(256) for _ in range(20))
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def phone():
    a, b, c = R.choice("23456789") + R.choice("02345678") + d(1, "2345678"), d(1, "23456789") + d(1, "023456789") + d(1, "02345678"), d(4)
    return R.choice([f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", f"{a} {b} {c}", f"+1 {a} {b} {c}", f"+1-{a}-{b}-{c}",
                     f"1-{a}-{b}-{c}", f"({a}){b}-{c}", f"+1({a}){b}-{c}", f"{a}-{b}-{c} x{d(3)}", f"{a}-{b}-{c} ext. {d(2)}",
                     f"+44 20 7{d(3)} {d(4)}", f"+49 30 {d(8, '123456789')}", f"+33 1 {d(2)} {d(2)} {d(2)} {d(2)}", f"{a}{b}{c}"])


def ssn():
    area = R.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03d}-{R.randint(1, 99):02d}-{R.randint(1, 9999):04d}"


def itin():
    return f"9{d(2)}-{R.choice([*range(70, 89), 90, 91, 92, *range(94, 100)])}-{d(4)}"


def ip():
    if R.random() < .7:
        return ".".join(str(R.randint(1, 254)) for _ in range(4))
    return ":".join(f"{R.randrange(1, 65536):x}" for _ in range(8))


def date():
    y, m, day = R.randint(1950, 2035), R.randint(1, 12), R.randint(13, 28)
    month = "January February March April May June July August September October November December".split()[m - 1]
    return R.choice([f"{m:02d}/{day}/{y}", f"{y}-{m:02d}-{day}", f"{month} {day}, {y}", f"{day} {month} {y}", f"{month[:3]} {day}, {y}",
                     f"{y}-{m:02d}-{day}T{R.randint(10, 23)}:{R.randint(10, 59)}:{R.randint(10, 59)}Z", f"{m}/{day}/{y % 100:02d}",
                     f"{day}-{month[:3].upper()}-{y}", f"{day}.{m:02d}.{y}"])


def word(n):
    return "".join(R.choice(string.ascii_lowercase) for _ in range(n))


def email():
    return f"{word(R.randint(2, 9))}{R.choice(['', '.', '_', '+', '-'])}{word(4)}{R.choice(['', d(2)])}@{word(6)}.{R.choice(['com', 'org', 'net', 'co.uk', 'io'])}"


def secret():
    base = string.ascii_letters + string.digits
    r = lambda n, letters=base: "".join(R.choice(letters) for _ in range(n))
    return R.choice(["AKIA" + r(16, string.ascii_uppercase + "234567"), "ghp_" + r(36), "xoxb-" + d(12) + "-" + d(12) + "-" + r(24),
                     "sk_live_" + r(24), "AIza" + r(35)])


# type: (maker, wordings with {} for the value)
POSITIVE = {
    "EMAIL_ADDRESS": (email, ["Write to {} today.", "{}", "his mail is {}, hers too", "<{}>", "Cc: {}; bounce", "mailto:{} works",
                              "send the disclosures to {} please!", '{{"to":"{}"}}', "user={} ok"]),
    "PHONE_NUMBER": (phone, ["Call me at {}.", "my cell is {}", "Phone: {}", "tel {} after 5", "text {} when you arrive", "fax: {}",
                             "{} (office)", "you can reach the buyer on {}", "Mobile {} or email", "callback {} asap", "call {}, ask for the desk"]),
    "CREDIT_CARD": (card, ["card {} was declined", "Visa {} exp 11/29", "pay with {} please", "{}", "My number is {}.", "charge cc {} now",
                           "the earnest money goes on {}"]),
    "US_SSN": (ssn, ["SSN {}", "my social is {}", "social security number: {}", "ssn={} on file", "{} is her SSN", "Borrower SSN: {}."]),
    "US_ITIN": (itin, ["ITIN {}", "his ITIN is {}", "taxpayer id {}", "itin: {} attached"]),
    "ABA_ROUTING_NUMBER": (aba, ["routing number {}", "ABA {} for the wire", "Routing: {}", "wire to routing {} today"]),
    "IBAN_CODE": (iban, ["IBAN {}", "please wire to {}.", "{}", "account {} in Europe", "Konto: {}"]),
    "US_NPI": (npi, ["NPI {}", "provider NPI: {}", "the NPI is {}."]),
    "US_MBI": (mbi, ["Medicare number {}", "MBI {}", "mbi: {} on the card"]),
    "MEDICAL_LICENSE": (dea, ["DEA {}", "DEA number: {}", "prescriber DEA {}."]),
    "CRYPTO": (bitcoin, ["send BTC to {}", "{}", "wallet: {}.", "my bitcoin address is {}"]),
    "IP_ADDRESS": (ip, ["from {} port", "client={} status=200", "blocked {}", "host {} is down", "ip: {}."]),
    "MAC_ADDRESS": (lambda: R.choice(":-").join(f"{R.randrange(256):02x}" for _ in range(6)), ["mac {}", "device {} joined", "ether {} up"]),
    "URL": (lambda: f"https://{word(7)}.{R.choice(['com', 'org', 'io'])}/{word(5)}?{word(2)}={d(3)}",
            ["see {}", "listing: {}", "go to {} now", "({})"]),
    "DATE_TIME": (date, ["closing on {}", "Signed {}.", "from {} on", "{} is good", "the inspection was {}", "due {}, please", "date: {}"]),
    "DATE_OF_BIRTH": (date, ["DOB {}", "born {}", "date of birth: {}", "birthday {}", "Birthdate {}."]),
    "ZIP_CODE": (lambda: f"{R.randint(10001, 99901)}" + R.choice(["", "", f"-{d(4)}"]),
                 ["zip {}", "ZIP code: {}", "Austin, TX {}", "postal code {}.", "Reno, NV {}", "my zip code is {}"]),
    "MLS_NUMBER": (lambda: d(R.choice([7, 8]), "123456789"), ["MLS# {}", "MLS {}", "MLS number {}", "listing MLS #{}."]),
    "SECRET": (secret, ["key {}", "token={} leaked", "export KEY={}", "use {} for now"]),
    "US_PASSPORT": (lambda: R.choice([d(9, "123456789"), R.choice("AXZ") + d(8)]), ["passport {}", "US passport number {}", "passport no. {}"]),
    "US_DRIVER_LICENSE": (lambda: R.choice([R.choice(string.ascii_uppercase) + d(7), d(8, "123456789")]),
                          ["driver's license {}", "DL# {}", "driver license number: {}"]),
    "US_BANK_NUMBER": (lambda: d(R.randint(9, 12), "3456789"), ["account number {}", "checking account {}", "bank acct {}"]),
}

# Numbers that are nobody's.
NEGATIVE = [
    lambda: f"Order #{d(10)} was shipped.", lambda: f"order number {d(9)} is late", lambda: f"Tracking {d(12)} and 1Z{d(8)}",
    lambda: f"Listed at ${R.randint(100, 999)},{d(3)}", lambda: f"invoice {d(8)} for ${d(4, '123456789')}.{d(2)}",
    lambda: f"request id {d(16)} took {d(3)} ms", lambda: f"version {R.randint(1, 9)}.{R.randint(0, 20)}.{R.randint(0, 20)} build {d(5)}",
    lambda: f"ts=17{d(8)} level=info msg=done", lambda: f"log {d(6)}-{d(4)} closed", lambda: f"ref {d(3)}-{d(3)}-{d(4)} filed",
    lambda: f"lot {d(3)}-{d(2)}-{d(4)} is empty", lambda: f"{d(4, '123456789')} sq ft, {d(1)} beds", lambda: f"commit {d(3)}a{d(4)}f{d(5)}",
    lambda: f"case {d(7)} moved from {d(5)} to {d(5)}", lambda: f"parcel {d(2)}-{d(3)}-{d(3)} is zoned R1",
    lambda: f"policy {d(9)} renews", lambda: f"SKU {d(13)} sold out", lambda: f"event {d(14)} in session {d(11)}",
    lambda: f"sold {d(5, '123456789')} units at {d(2)}.{d(2)}%", lambda: f"APN {d(3)}-{d(3)}-{d(2)}-{d(2)}",
    lambda: f"lockbox {d(4)}, gate {d(4)}#", lambda: f"escrow #{d(2)}-{d(6)}", lambda: f"permit {d(4)}-{d(5)} issued",
    lambda: f"rev {d(1)}.{d(2)}.{d(1)}", lambda: f"${d(1, '123456789')}.{d(1)}M list, ${d(3, '123456789')}/sqft", lambda: f"batch {d(6)} of {d(6)}",
    lambda: f"latency p99={d(3)}.{d(2)}us n={d(7)}", lambda: f"error 0x{d(8)} at line {d(4)}", lambda: f"isbn 978-{d(1)}-{d(3)}-{d(5)}-{d(1)}",
    lambda: f"{d(2, '123456789')}% down, {d(1, '3456')}.{d(3)}% rate, {R.choice([15, 30])} year fixed", lambda: f"unit {d(3)}, bldg {d(1)}, lot {d(2)}",
    lambda: f"ticket-{d(6)} reopened {d(1)} times", lambda: f"uuid {d(8)}-{d(4)}-4{d(3)}-8{d(3)}-{d(12)}", lambda: f"pid={d(5)} rss={d(8)} fd={d(3)}",
    lambda: f"model XJ-{d(4)}-{d(3)} dishwasher, serial {d(9)}", lambda: f"scores {d(2)}-{d(2)}, {d(2)}-{d(2)}", lambda: f"meter reads {d(6)}.{d(1)}",
    lambda: f"claim {d(10)} is closed", lambda: f"receipt {d(12)} total {d(3)}.{d(2)}", lambda: f"PO {d(7)} line {d(3)}",
]


class PiiGenerated(unittest.TestCase):
    def test_every_class_is_found_whole_in_varied_wording(self):
        cases = [(kind, value := make(), R.choice(wordings).format(value)) for kind, (make, wordings) in POSITIVE.items()
                 for _ in range(EACH)]
        hit, missed = collections.Counter(), collections.defaultdict(list)
        for (kind, value, text), got in zip(cases, scan([c[2] for c in cases]), strict=True):
            start = text.index(value)
            found = (kind, start, start + len(value)) in got
            hit[kind] += found
            if not found:
                missed[kind].append((text, sorted(got)))
        for kind in POSITIVE:
            print(f"{kind:20} {hit[kind]}/{EACH}  {missed[kind][:2]}", file=sys.stderr)
        self.assertGreaterEqual(sum(hit.values()), 0.995 * len(cases))
        for kind in POSITIVE:
            self.assertGreaterEqual(hit[kind], 0.98 * EACH, missed[kind][:3])

    def test_numbers_of_daily_business_are_nobodys(self):
        texts = [R.choice(NEGATIVE)() for _ in range(8000)]
        kinds = set(POSITIVE) - {"DATE_TIME", "DATE_OF_BIRTH"}
        false = [(t, g) for t, got in zip(texts, scan(texts), strict=True) for g in got if g[0] in kinds]
        print(f"false {len(false)}/{len(texts)}", file=sys.stderr)
        self.assertLessEqual(len(false), 0.01 * len(texts), false[:20])


if __name__ == "__main__":
    unittest.main()
