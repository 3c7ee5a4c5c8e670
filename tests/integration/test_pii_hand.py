"""ehub pii scan on tests/data/pii_hand.jsonl: texts of our own, labelled by hand, of the kinds that templates forget: words alone in a
field, numbers that are nobody's, chats, posts, transcripts, capitals, hard names, addresses of other countries. No line is a template
of the generator that the tagger is trained with; it was mended with them in sight, so they show that it stays mended, not how good it
is on text that nobody has seen (docs/pii-quality.md)."""
import collections
import json
import os
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EHUB = Path(os.environ.get("EHUB_TEST_PROGRAM", ROOT / "build/ehub"))
CASES = [json.loads(line) for line in (ROOT / "tests/data/pii_hand.jsonl").read_text(encoding="utf-8").splitlines()]
FAMILIES = [{"STREET_ADDRESS", "LOCATION", "ZIP_CODE"}, {"DATE_TIME", "DATE_OF_BIRTH"}]


def scan(texts):
    lines = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    done = subprocess.run([EHUB, "pii", "scan", "--format", "jsonl", "--offsets", "codepoints"], input=lines,
                          capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line)["spans"] for line in done.stdout.splitlines()]


class PiiHand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.wanted, cls.found, cls.missed, cls.false = collections.Counter(), collections.Counter(), [], []
        for case, spans in zip(CASES, scan([c["text"] for c in CASES]), strict=True):
            for label in case["spans"]:
                family = next((f for f in FAMILIES if label["type"] in f), {label["type"]})
                covered = sum(max(0, min(s["end"], label["end"]) - max(s["start"], label["start"]))
                              for s in spans if s["type"] in family)
                cls.wanted[label["type"]] += 1
                if 2 * covered >= label["end"] - label["start"]:
                    cls.found[label["type"]] += 1
                else:
                    cls.missed.append((case["text"], case["text"][label["start"]:label["end"]]))
            cls.false += [(case["kind"], case["text"], s["type"], case["text"][s["start"]:s["end"]]) for s in spans
                          if s["type"] != "DATE_TIME"
                          and not any(s["start"] < l["end"] and l["start"] < s["end"] for l in case["spans"])]

    def test_nine_of_ten_names_and_addresses_are_found(self):
        for kind, floor in {"PERSON": 0.90, "STREET_ADDRESS": 0.90, "LOCATION": 0.80, "ORGANIZATION": 0.80}.items():
            self.assertGreaterEqual(self.found[kind], floor * self.wanted[kind], (kind, self.missed))

    def test_fewer_than_five_findings_in_a_hundred_texts_are_nobodys(self):
        self.assertLess(len(self.false), 0.05 * len(CASES), self.false)

    def test_a_word_alone_that_no_list_knows_is_no_name(self):
        alone = ["cli", "line", "webhook", "lsblk", "xzcat", "token", "ttyl", "HUNT", "TERIYAKI", "backup 2", "export.csv", "kubectl"]
        self.assertEqual([], [(w, s) for w, s in zip(alone, scan(alone), strict=True) if s])

    def test_a_name_alone_is_still_found(self):
        alone = ["anna", "Anna Kowalczyk", "anna kowalczyk", "KOWALCZYK", "Kowalczyk", "MARIA LOPEZ", "denver"]
        self.assertEqual([], [w for w, s in zip(alone, scan(alone), strict=True) if not s])

    def test_a_name_that_is_a_word_is_found_where_somebody_acts(self):
        acts = [("Mark said ok", "Mark"), ("Will will sign tomorrow", "Will"), ("ask mark", "mark"), ("mark wants the keys", "mark"),
                ("Rob forwarded the inspection report", "Rob"), ("Penny loved the kitchen", "Penny"), ("sue countered at 410k", "sue"),
                ("Faith prefers mornings", "Faith"), ("Dawn left a voicemail this morning", "Dawn")]
        for (text, name), spans in zip(acts, scan([a[0] for a in acts]), strict=True):
            self.assertEqual([("PERSON", name)], [(s["type"], text[s["start"]:s["end"]]) for s in spans if s["type"] != "DATE_TIME"], text)
        words = ["Mark your calendars", "Will the seller pay?", "May works better for us", "Summer is the busy season", "Hope this helps",
                 "a penny saved", "sue the builder?", "in good faith", "Dawn to dusk sensor lights", "rich wood floors", "Rob a bank"]
        self.assertEqual([], [(w, s) for w, s in zip(words, scan(words), strict=True) if s])

    def test_a_surname_before_the_first_name_is_found_too(self):
        for text in ["Smith, Pat", "client: Garcia, Linda", "Lee, Karen - buyer", "Jones, Mary\nBrown, Tom"]:
            spans = scan([text])[0]
            names = [text[s["start"]:s["end"]] for s in spans if s["type"] == "PERSON"]
            self.assertEqual(" ".join(names).replace(",", " ").split(), [w for w in text.replace(",", " ").replace("client:", "").split()
                                                                       if w not in ("-", "buyer")], (text, spans))

    def test_the_code_in_an_address_does_not_take_the_address_away(self):
        text = "Send it to 2300 Mission St., Apt. 9, San Francisco, CA 94110-1234 please."
        self.assertEqual([("STREET_ADDRESS", "2300 Mission St., Apt. 9, San Francisco, CA 94110-1234")],
                         [(s["type"], text[s["start"]:s["end"]]) for s in scan([text])[0]])

    def test_a_place_with_its_code_is_no_street_address(self):
        sentences = ["market report for {}", "Moving to {} next month", "Prices in {} rose 4% this year", "listings: {}"]
        places = [("Kalispell", "MT", "59901"), ("St. Louis", "MO", "63101"), ("Winston-Salem", "NC", "27101"),
                  ("Oak Park", "IL", "60302"), ("Raleigh", "North Carolina", "27601"), ("Las Vegas", "NV", "89109-1234")]
        wanted = [(t.format(f"{name}, {state} {code}"), name, state, code) for t in sentences for name, state, code in places]
        for (text, *parts), spans in zip(wanted, scan([w[0] for w in wanted]), strict=True):
            self.assertEqual([*zip(["LOCATION", "LOCATION", "ZIP_CODE"], parts)],
                             [(s["type"], text[s["start"]:s["end"]]) for s in spans if s["type"] != "DATE_TIME"], text)
        two = "homes in Plano, TX 75024 and Frisco, TX 75034"
        self.assertEqual(["Plano", "TX", "75024", "Frisco", "TX", "75034"], [two[s["start"]:s["end"]] for s in scan([two])[0]])

    def test_an_address_without_a_house_is_one(self):
        for text in ["Lakeview Drive, Austin, TX 78701", "PO Box 12, Austin, TX 78701", "RR 2, Salina, KS 67401"]:
            self.assertEqual([("STREET_ADDRESS", text)], [(s["type"], text[s["start"]:s["end"]]) for s in scan([text])[0]])


if __name__ == "__main__":
    unittest.main()
