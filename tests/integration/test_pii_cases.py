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
DATA = Path(os.environ.get("EHUB_DATA", ROOT / "../shared/data")) / "pii"
CASES, CHECKSUMS = DATA / "presidio_recognizer_cases.jsonl", DATA / "presidio_checksum_cases.jsonl"
CLASSES = ("ABA_ROUTING_NUMBER CREDIT_CARD CRYPTO DATE_TIME EMAIL_ADDRESS IBAN_CODE MAC_ADDRESS MEDICAL_LICENSE PHONE_NUMBER URL "
           "US_BANK_NUMBER US_DRIVER_LICENSE US_ITIN US_MBI US_NPI US_PASSPORT US_SSN IP_ADDRESS").split()


def scan(texts, *options):
    lines = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    done = subprocess.run([EHUB, "pii", "scan", "--format", "jsonl", "--offsets", "codepoints", "--no-names", *options],
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

    def cases_of_packs(self):
        if not CASES.exists():
            self.skipTest(f"{CASES} is not there")
        listed = json.loads(subprocess.run([EHUB, "pii", "types", "--json"], capture_output=True, check=True).stdout)
        packs = {t["type"]: t["pack"] for t in listed if t["pack"]}
        by_pack = collections.defaultdict(list)
        for case in map(json.loads, CASES.read_text().splitlines()):
            if case["entity"] in packs and not case["needs_ner"]:
                by_pack[packs[case["entity"]]].append(case)
        return by_pack

    def test_the_cases_of_presidio_for_other_countries_with_their_pack_and_with_all(self):
        for every in (False, True):
            wanted, hit, clean, wrong, counted, right = (collections.Counter() for _ in range(6))
            for pack, cases in self.cases_of_packs().items():
                for case, got in zip(cases, scan([c["text"] for c in cases], "--packs", "all" if every else pack), strict=True):
                    if case["expected"] is None:
                        counted[pack] += case["expected_len"] is not None
                        right[pack] += case["expected_len"] == sum(g[0] == case["entity"] for g in got)
                        continue
                    for s in case["expected"]:
                        wanted[pack] += 1
                        hit[pack] += (s["entity_type"], s["start"], s["end"]) in got
                    if not case["expected"]:
                        clean[pack] += 1
                        wrong[pack] += any(g[0] == case["entity"] for g in got)
                if not every:
                    print(f"{pack} recall {hit[pack]}/{wanted[pack]}  false {wrong[pack]}/{clean[pack]}"
                          f"  right count {right[pack]}/{counted[pack]}", file=sys.stderr)
            self.assertGreater(sum(wanted.values()), 350)
            self.assertGreaterEqual(sum(hit.values()), 0.995 * sum(wanted.values()))
            self.assertLessEqual(sum(wrong.values()), 0.01 * sum(clean.values()))
            # three VAT numbers with a wrong check digit are wanted by one of Presidio's tests and unwanted by another
            self.assertGreaterEqual(sum(right.values()), sum(counted.values()) - 3)

    def test_general_classes_are_still_found_with_all_packs_on(self):
        cases = [json.loads(line) for line in CASES.read_text().splitlines()] if CASES.exists() else self.skipTest("no data")
        cases = [c for c in cases if not c["needs_ner"] and c["entity"] in CLASSES and c["expected"]]
        wanted = hit = 0
        for case, got in zip(cases, scan([c["text"] for c in cases], "--packs", "all"), strict=True):
            wanted += len(case["expected"])
            hit += sum((s["entity_type"], s["start"], s["end"]) in got for s in case["expected"])
        self.assertGreaterEqual(hit, 0.995 * wanted)

    def test_values_that_a_checksum_of_presidio_accepts_or_refuses(self):
        if not CHECKSUMS.exists():
            self.skipTest(f"{CHECKSUMS} is not there")
        packs = {c["entity"] for cases in self.cases_of_packs().values() for c in cases}
        rows = [r for r in map(json.loads, CHECKSUMS.read_text().splitlines()) if r["entity"] in packs]
        # Parts of a rule on its own, or a value for which another test of the same recognizer says the opposite.
        odd = {("IN_GSTIN", "ABCDE1234F"), ("IN_GSTIN", "PQRST6789K"), ("ZA_ID_NUMBER", "050101"), ("ZA_ID_NUMBER", "000229"),
               ("ZA_ID_NUMBER", "9913326789285")}
        rows = [r for r in rows if (r["entity"], r["value"]) not in odd and r["expected"] is not None]
        self.assertGreater(len(rows), 80)
        for row, got in zip(rows, scan([r["value"] for r in rows], "--packs", "all"), strict=True):
            found = (row["entity"], 0, len(row["value"])) in got
            self.assertEqual(found, row["expected"], row)

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
