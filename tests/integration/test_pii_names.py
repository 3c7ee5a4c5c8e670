"""ehub pii scan on sentences written for this test: names, places, addresses and what only looks like one. Sentences and values
are not those of the generator that the tagger is trained with (src/pii/pii_generate_*.c), nor of a public corpus."""
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

VALUES = {
    "PERSON": """Dana Whitfield;Marcus Oyelaran;Siobhan Kerrigan;Tuan Pham;Rosalind Achebe;Hector Villanueva;Ingrid Solheim;Priyanka Desai;
        Leroy Bankston;Mei-Ling Zhou;Giancarlo Ferrante;Yusuf Demirel;Chloe St. James;Kwame Boateng;Agnieszka Wrona;Darnell Tibbs;
        Fatima Al-Sayed;Bjorn Haugen;Lupe Cisneros;Wendell K. Pruitt;Anneke de Vries;Tobias Reuter;Nkechi Obi;Paulo Figueira;
        Marguerite Thibault;Sanjay Raman;Elena Dragomir;Cody McAllister;Beatrix Lund;Omar Haddad""",
    "FIRST": """Dana;Marcus;Siobhan;Hector;Ingrid;Priyanka;Leroy;Chloe;Kwame;Darnell;Fatima;Lupe;Wendell;Tobias;Paulo;Sanjay;Elena;Cody;
        Omar;Gwen;Rashida;Stuart;Bianca;Travis;Yolanda;Kurt""",
    "LAST": """Whitfield;Oyelaran;Kerrigan;Villanueva;Solheim;Desai;Bankston;Ferrante;Demirel;Boateng;Tibbs;Haugen;Cisneros;Pruitt;Reuter;
        Figueira;Raman;Dragomir;McAllister;Lund;Haddad;Castellano;Okafor;Lindqvist""",
    "ADDRESS": """4417 Willow Bend Ct;29 Harbor View Dr, Apt 6;1180 S Colfax Ave, Lakewood, CO 80226;77 Rosewood Ln #2C, Quincy, MA 02169;
        PO Box 9312, Tempe, AZ 85282;2500 N Lamar Blvd Ste 300, Austin, TX 78705;812 3rd St NW;15 Old Mill Road, Unit B, Dover, NH 03820;
        6021 Quail Hollow Way\nTulsa, OK 74133;903 E 14th Street, Davenport, Iowa 52803;41 Chestnut Terrace;18 Rue Lafayette, 75009 Paris;
        Bergstraße 44, 69115 Heidelberg;Via Garibaldi 12, 20121 Milano;221 Kensington High Street, London W8 6SG""",
    "PLACE": """Spokane;Chattanooga;Boise;Santa Fe;Baton Rouge;Cedar Rapids;Wilmington;Asheville;Norway;Portugal;Vietnam;Oregon;Kentucky;
        Toledo;Lyon;Osaka;Nairobi;Calgary;Tucson;Omaha""",
    "COMPANY": """Hartwell Mortgage LLC;Blue Heron Realty;Cascade Title & Escrow;Northgate Holdings Inc.;Pinecrest Bank;Delgado & Sons;
        Summit Plumbing Services;Wells Fargo;Home Depot;Lakeside Dental Group;Orion Logistics Corp;St. Mary's Hospital""",
    "GROUP": "Norwegian;Brazilian;Catholic;Hindu;Vietnamese;Nigerian;Jewish;Republican;Cuban;Methodist",
    "AGE": "34;61;78;23;45;89",
}
VALUES = {k: [" ".join(p.split(" ")).strip() if "\n" not in p.strip() else p.strip() for p in v.split(";")] for k, v in VALUES.items()}
TYPE = {"FIRST": "PERSON", "LAST": "PERSON", "ADDRESS": "STREET_ADDRESS", "PLACE": "LOCATION", "COMPANY": "ORGANIZATION",
        "GROUP": "NRP"}
SENTENCES = """<PERSON> left a voicemail about the garage door.
Left vm for <FIRST>, he owes us the HOA docs.
<FIRST> wants to see it again on Saturday with her sister <FIRST>.
We had coffee with <PERSON> and <PERSON> this morning.
Mrs. <LAST> would rather sell in the fall.
Could somebody let Dr. <LAST> in at noon?
Regards,\n<PERSON>
Buyer's agent is <PERSON>, lender is <PERSON>.
please remind <FIRST> to bring a check
im <FIRST>, we spoke at the bank
Reply from <PERSON>: looks fine to me.
The keys are with <FIRST>; <FIRST> has the remote.
co-signer: <PERSON>
Did <LAST> counter yet?
<FIRST> and <FIRST> <LAST> got the house
per <PERSON>, the roof was replaced
The tenant at <ADDRESS> is moving out.
New pictures of <ADDRESS> are up.
Please overnight the check to <ADDRESS>.
We close on <ADDRESS> next week.
<PERSON>\n<ADDRESS>
Is <ADDRESS> still available?
They drove down from <PLACE> to look at it.
Her job moves her to <PLACE> in June.
It is colder in <PLACE> than in <PLACE>.
Half of our leads come from <PLACE>.
<COMPANY> approved the loan.
The appraisal was ordered by <COMPANY>.
She used to work for <COMPANY> before that.
I sent the wire to <COMPANY> yesterday.
The <GROUP> community center is two blocks away.
My in-laws are <GROUP>.
He is <AGE> years old and still working.
She turned <AGE> last week.
Client, age <AGE>, wants a single story.""".split("\n")
# At least this share of each type is found: half of the value or more.
FLOOR = {"PERSON": 0.95, "STREET_ADDRESS": 0.95, "LOCATION": 0.85, "ORGANIZATION": 0.70, "NRP": 0.90, "AGE": 0.95}
PLAIN = """The dishwasher leaks a little but the seller will fix it.
Please review the addendum and sign where the yellow tabs are.
Great light, high ceilings, and a kitchen with an island.
Three beds, two and a half baths, and a finished basement.
We should lower the price before the holiday weekend.
The furnace is old; the water heater was replaced last spring.
Nobody answered the door, so we left a flyer.
Rates went up again and two buyers dropped out.
Can you order the sign and the lockbox today?
The school is close and the yard is fenced.
Showings start after the carpet is cleaned.
It appraised at value. Congratulations to all!
GET /v1/health 200 3ms
worker 4: queue drained, 0 errors, 120 jobs
SELECT id FROM listings WHERE price < 400000
Reminder: team meeting moved to the big room.
the garage smells like paint, bring a fan
Hardwood Floors Throughout, Updated Baths, Must See!
no pets, no smoking, first and last month due at signing
I will be out until Monday. Text me if it is urgent.
Thanks again for the quick turnaround!
What time works best for you tomorrow?
The survey shows the fence is two feet over the line.
pls resend the pdf, page three is blank
ok great, see you then""".split("\n")


def scan(texts):
    lines = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    done = subprocess.run([EHUB, "pii", "scan", "--format", "jsonl", "--offsets", "codepoints"], input=lines,
                          capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line)["spans"] for line in done.stdout.splitlines()]


def fill(sentence, r):
    """The text and its (type, start, end)."""
    text, labels = "", []
    for i, piece in enumerate(sentence.replace("\\n", "\n").replace("<", "\0<").replace(">", "\0").split("\0")):
        if piece[:1] == "<":
            value = r.choice(VALUES[piece[1:]])
            labels.append((TYPE.get(piece[1:], piece[1:]), len(text), len(text) + len(value)))
            piece = value
        text += piece
    return text, labels


ADDRESS_LIKE = {"STREET_ADDRESS", "LOCATION", "ZIP_CODE"}


class PiiNames(unittest.TestCase):
    def test_names_and_addresses_are_found_in_sentences_the_tagger_never_saw(self):
        r = random.Random(11)
        cases = [fill(s, r) for s in SENTENCES for _ in range(30)]
        cases += [(t.lower(), l) for t, l in cases[::6]] + [(t.upper(), l) for t, l in cases[::9]]
        wanted, found = collections.Counter(), collections.Counter()
        missed = collections.defaultdict(list)
        for (text, labels), spans in zip(cases, scan([t for t, _ in cases]), strict=True):
            for kind, start, end in labels:
                family = ADDRESS_LIKE if kind in ADDRESS_LIKE else {kind}
                covered = sum(max(0, min(s["end"], end) - max(s["start"], start)) for s in spans if s["type"] in family)
                wanted[kind] += 1
                found[kind] += 2 * covered >= end - start
                if 2 * covered < end - start:
                    missed[kind].append((text, text[start:end]))
        for kind, floor in FLOOR.items():
            print(f"{kind:15} {found[kind]}/{wanted[kind]}", missed[kind][:3], file=sys.stderr)
        for kind, floor in FLOOR.items():
            self.assertGreaterEqual(found[kind], floor * wanted[kind], missed[kind][:10])

    def test_plain_talk_has_few_findings(self):
        false = [(t, s["type"], t[s["start"]:s["end"]]) for t, spans in zip(PLAIN, scan(PLAIN), strict=True) for s in spans
                 if s["type"] != "DATE_TIME"]
        self.assertLessEqual(len(false), 1, false)

    def test_no_template_of_the_generator_is_one_of_a_public_corpus(self):
        files = sorted(DATA.glob("presidio_research_*.jsonl"))
        if not files:
            self.skipTest(f"{DATA}/presidio_research_*.jsonl are not there")
        runs = {}
        for line in (line for f in files for line in f.read_text().splitlines()):
            case = json.loads(line)
            text = case["text"]
            for s in sorted(case["spans"], key=lambda s: -s["start"]):
                text = text[:s["start"]] + " @ " + text[s["end"]:]
            words = [w for w in text.lower().replace("\n", " ").split() if w.isalpha()]
            for i in range(len(words) - 5):
                runs[tuple(words[i:i + 6])] = text
        for source in ROOT.glob("src/pii/pii_generate_t*.c"):
            for line in source.read_text().splitlines():
                words = [w for w in line.lower().strip('", ').replace("\\n", " ").split() if w.isalpha()]
                for i in range(len(words) - 5):
                    self.assertNotIn(tuple(words[i:i + 6]), runs, line)


if __name__ == "__main__":
    unittest.main()
