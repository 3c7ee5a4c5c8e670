"""ehub pii scan on Presidio's own recognizer cases (public data beside the repository, never committed), and on talk of ours
with numbers that look like personal data: recall and false findings of the structured classes."""
import collections
import json
import os
import random
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EHUB = Path(os.environ.get("EHUB_TEST_PROGRAM", ROOT / "build/ehub"))
CASES = Path(os.environ.get("EHUB_DATA", ROOT / "../shared/data")) / "pii/presidio_recognizer_cases.jsonl"
CLASSES = ("ABA_ROUTING_NUMBER CREDIT_CARD CRYPTO DATE_TIME EMAIL_ADDRESS IBAN_CODE MAC_ADDRESS MEDICAL_LICENSE PHONE_NUMBER URL "
           "US_BANK_NUMBER US_DRIVER_LICENSE US_ITIN US_MBI US_NPI US_PASSPORT US_SSN IP_ADDRESS").split()


def scan(texts):
    lines = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    done = subprocess.run([EHUB, "pii", "scan", "--format", "jsonl", "--offsets", "codepoints", "--no-names"],
                          input=lines, capture_output=True, text=True, timeout=60, check=True)
    return [{(s["type"], s["start"], s["end"]) for s in json.loads(line)["spans"]} for line in done.stdout.splitlines()]


class PiiCases(unittest.TestCase):
    def test_the_cases_of_presidio_for_global_and_american_classes(self):
        if not CASES.exists():
            self.skipTest(f"{CASES} is not there")
        cases = [json.loads(line) for line in CASES.read_text().splitlines()]
        cases = [c for c in cases if not c["needs_ner"] and c["entity"] in CLASSES and c["expected"] is not None]
        wanted, hit, clean, wrong = (collections.Counter() for _ in range(4))
        for case, got in zip(cases, scan([c["text"] for c in cases]), strict=True):
            kind = case["entity"]
            for s in case["expected"]:
                wanted[kind] += 1
                hit[kind] += (s["entity_type"], s["start"], s["end"]) in got
            if not case["expected"]:
                clean[kind] += 1
                wrong[kind] += any(g[0] == kind for g in got)
        for kind in CLASSES:
            print(f"{kind:20} recall {hit[kind]}/{wanted[kind]}  false {wrong[kind]}/{clean[kind]}", file=sys.stderr)
        self.assertGreater(sum(wanted.values()), 300)
        self.assertGreaterEqual(sum(hit.values()), 0.995 * sum(wanted.values()))
        self.assertLessEqual(sum(wrong.values()), 0.01 * sum(clean.values()))

    def test_numbers_of_daily_business_are_not_taken_for_personal_ones(self):
        r = random.Random(4)
        d = lambda n: "".join(r.choice("0123456789") for _ in range(n))
        makers = [
            lambda: f"Order #{d(10)} was shipped to the office.", lambda: f"order number {d(9)} is late",
            lambda: f"Tracking {d(12)} and {d(15)} are on the way.", lambda: f"Listed at ${r.randint(100, 999)},{d(3)} in spring",
            lambda: f"invoice {d(8)} for ${d(4)}.{d(2)}", lambda: f"request id {d(16)} took {d(3)} ms",
            lambda: f"version {r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 20)} build {d(5)}",
            lambda: f"ts=17{d(8)} level=info msg=done", lambda: f"log {d(6)}-{d(4)} closed", lambda: f"ref {d(3)}-{d(3)}-{d(4)} filed",
            lambda: f"lot {d(3)}-{d(2)}-{d(4)} is empty", lambda: f"{d(4)} sq ft, {d(1)} beds, {d(1)}.5 baths",
            lambda: f"commit {d(3)}a{d(4)}f{d(5)} merged", lambda: f"case {d(7)} moved from {d(5)} to {d(5)}",
            lambda: f"parcel {d(2)}-{d(3)}-{d(3)} is zoned R1", lambda: f"policy {d(9)} renews", lambda: f"SKU {d(13)} sold out",
            lambda: f"event {d(14)} in session {d(11)}", lambda: f"sold {d(5)} units at {d(2)}.{d(2)}%",
        ]
        texts = [r.choice(makers)() for _ in range(4000)]
        numbers = set(CLASSES) - {"DATE_TIME", "URL"} | {"ZIP_CODE", "MLS_NUMBER", "SECRET"}
        false = [(t, g) for t, got in zip(texts, scan(texts), strict=True) for g in got if g[0] in numbers]
        self.assertLessEqual(len(false), 0.01 * len(texts), false[:20])


if __name__ == "__main__":
    unittest.main()
