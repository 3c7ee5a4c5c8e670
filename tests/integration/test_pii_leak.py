"""Nobody's data are left behind: values of every class are planted in every kind of request, in every column of an import
and on the ways of errors; afterwards none is found in logs, metrics, answers of errors, rejects files, and the texts of all
databases but for the columns that are declared to hold some (docs/reference/pii-columns.md). All values are made up."""

import csv
import io
import itertools
import json
import re
import unittest
from datetime import datetime, timezone

from harness import stack
from harness.api_check import Document

PASSWORD = "a long enough password"
DATABASES = ["ehub_control", *[f"ehub_shard_{i}" for i in range(4)]]
COUNT = itertools.count(1)
PLANTED = {}  # value -> where it was put


def luhn(digits):
    """Appends the check digit (ISO/IEC 7812)."""
    total = sum(d if i % 2 else d * 2 - 9 * (d > 4) for i, d in enumerate(int(c) for c in reversed(digits)))
    return digits + str(-total % 10)


def iban(n):
    """A German one with its check digits (ISO 13616)."""
    bban = f"37040044{n:010d}"
    return f"DE{98 - int(bban + '131400') % 97:02d}{bban}"


# One sentence and its value for each class, new with each n.
CLASSES = {
    "EMAIL_ADDRESS": lambda n: ("Write to {} please.", f"jane.planted{n}@mail{n}-post.com"),
    "PHONE_NUMBER": lambda n: ("Call (415) {} today.", f"73{n % 10}-{1000 + n:04d}"),
    "CREDIT_CARD": lambda n: ("Paid with card {} last week.", luhn(f"4539{n:011d}")),
    "US_SSN": lambda n: ("Her SSN is {}.", f"536-{10 + n % 80}-{1000 + n:04d}"),
    "IBAN_CODE": lambda n: ("IBAN {} is the account.", iban(n)),
    "IP_ADDRESS": lambda n: ("It came from {} last time.", f"93.184.{n // 250 + 1}.{n % 250 + 1}"),
    "SECRET": lambda n: ("The key is {}.", f"AKIA{'ABCDEFGHJKLMNPQR'[n % 16]}{'QZ7X'[n // 16 % 4]}Y{n:04d}MKTREWQPS"[:20]),
    "PERSON": lambda n: ("I spoke with {} about the house.", f"Wanda {NAMES[n % len(NAMES)]}"),
    "STREET_ADDRESS": lambda n: ("She lives at {}, Dayton, OH 45402.", f"{2000 + n} Elm Street"),
}
NAMES = ["Kowalski", "Petrov", "Nakamura", "Fitzgerald", "Okonkwo", "Lindqvist", "Castellano", "Brennan", "Hoffmann", "Delgado"]


def note(where, value):
    PLANTED[value] = where
    return value


def planted(where, classes=CLASSES):
    """A text with one new value of each class."""
    parts = []
    for name in classes:
        sentence, value = CLASSES[name](next(COUNT))
        parts.append(sentence.format(note(f"{where} ({name})", value)))
    return " ".join(parts)


def short(where):
    """For places where a text would be refused: three classes that need no sentence."""
    return planted(where, ["EMAIL_ADDRESS", "CREDIT_CARD", "US_SSN"])


def stands_in(value, text):
    """Not as the middle of a longer number: request ids hold "…2736-7256-…" now and then, which is nobody's telephone."""
    return value in text and re.search(rf"(?<![0-9a-f]){re.escape(value)}", text) is not None


def found_in(text, where):
    return [f"{where}: {value} of {place}" for value, place in PLANTED.items() if stands_in(value, text)]


def declared():
    """{(kind of database, table, column): how} from the program's own page."""
    rows = {}
    for line in S.cli("docs", "pii-columns").stdout.splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0] in ("control", "shard"):
            rows[tuple(cells[:3])] = cells[3]
    return rows


def kind_of(database):
    return "control" if database == "ehub_control" else "shard"


def texts_of(database):
    """(table, column) of every column that can hold text."""
    return [tuple(r) for r in S.sql(database, "select table_name, column_name from information_schema.columns where "
                                    "table_schema = 'public' and (data_type in ('text', 'json', 'jsonb', 'character varying', "
                                    "'character') or (data_type = 'ARRAY' and udt_name in ('_text', '_varchar', '_jsonb')))")]


def found_in_databases(keep_subjects=False):
    how, found = declared(), []
    for database in DATABASES:
        parts = []
        for table in sorted({t for t, _ in texts_of(database)}):
            drop = "" if keep_subjects else "".join(f" - '{c}'" for (k, t, c), h in how.items()
                                                    if (k, t) == (kind_of(database), table) and h == "SUBJECT")
            parts.append(f"select '{table}', to_jsonb(t){drop} from \"{table}\" t")
        for table, *row in S.sql(database, " union all ".join(parts)):
            found += found_in("\t".join(row), f"{database}.{table}")
    return found


def found_in_logs():
    return [f for path in sorted((S.data / "logs").iterdir())
            for f in found_in(path.read_text(errors="replace"), path.name)]


def csv_file(name, rows):
    path = S.made_dir / name
    out = io.StringIO()
    w = csv.writer(out)
    w.writerows(rows)
    path.write_text(out.getvalue())
    return path


def import_planted():
    """Good rows with values in every column that is not an id, an agent or an office; bad rows of every kind."""
    teams = csv_file("teams.csv", [["agent", "office", "name", "coach", "email", "started_on"],
                                   ["a1", "North", "Ana Diaz", "Mo Reed", "ana@acme.example", "2020-01-01"],
                                   ["a2", "North", short("teams: name of a bad row"), "", "", short("teams: date")]])
    head = ["id", "agent", "office", "product", "account", "stage", "status", "opened_at", "closed_at", "value",
            "commission", "lead_id", "Client phone", "Notes"]

    def deal(n, **bad):
        where = f"import opportunities, row {n}"
        row = {"id": f"D{n}", "agent": "a1", "office": "North", "product": planted(f"{where}, product"),
               "account": planted(f"{where}, account"), "stage": planted(f"{where}, stage"), "status": "won",
               "opened_at": "2026-01-02", "closed_at": "2026-02-03", "value": "100000", "commission": "3000",
               "lead_id": short(f"{where}, lead"), "Client phone": short(f"{where}, unmapped"),
               "Notes": planted(f"{where}, notes")}
        row.update({k: planted(f"{where}, bad {k}") for k in bad})
        return [row[h] for h in head]

    bad = ["status", "opened_at", "closed_at", "value", "commission"]
    deals = csv_file("deals.csv", [head, deal(1), deal(2), *[deal(10 + i, **{k: True}) for i, k in enumerate(bad)],
                                   deal(1), deal(30)[:5]])
    S.cli("import", "opportunities", str(deals), "--tenant", "acme", "--teams", str(teams), "--mapping",
          "ehub-opportunities")
    head = ["id", "agent", "office", "kind", "direction", "at", "known_at", "duration_s", "outcome", "lead_id",
            "opportunity_id", "Transcript"]

    def act(n, **bad):
        where = f"import activities, row {n}"
        row = {"id": f"A{n}", "agent": "a1", "office": "North", "kind": "training", "direction": "",
               "at": "2026-03-01T10:00:00Z", "known_at": "", "duration_s": "60", "outcome": planted(f"{where}, outcome"),
               "lead_id": short(f"{where}, lead"), "opportunity_id": short(f"{where}, opportunity"),
               "Transcript": planted(f"{where}, transcript")}
        row.update({k: v if isinstance(v, str) else planted(f"{where}, bad {k}") for k, v in bad.items()})
        return [row[h] for h in head]

    acts = csv_file("acts.csv", [head, act(1), act(2), *[act(10 + i, **{k: True}) for i, k in enumerate(
        ["kind", "direction", "at", "known_at", "duration_s"])], act(20, kind="call", outcome=True)])
    named = acts.rename(acts.with_name(f"{short('name of the imported file')}.csv"))
    S.cli("import", "activities", str(named), "--tenant", "acme", "--mapping", "ehub-activities")
    return [deals, named]


class Errors:
    """Sends requests and keeps the answers of those that were refused."""

    def __init__(self):
        self.texts = []

    def __call__(self, client, method, path, body=None, headers=None):
        try:
            answer = client.request(method, path, body, headers=headers)
        except ConnectionError:  # a large body that nobody reads to its end
            if not body or len(body) < 1 << 20:
                raise
            return None
        if answer.status >= 400:
            self.texts.append(f"{method} {answer.text} {answer.headers}")
        return answer


def url_text(text):
    from urllib.parse import quote
    return quote(text, safe="")


def setUpModule():
    global S, ADMIN, AGENT, PLAY, ERRORS, FILES, METRICS
    S = stack.Stack(env={"EHUB_LOG_LEVEL": "debug"}).start()
    unittest.addModuleCleanup(S.close)
    S.cli("tenant", "add", "acme", "--name", "Acme Realty")
    S.cli("user", "add", "boss@acme.example", "--role", "admin", input=PASSWORD + "\n")
    FILES = import_planted()
    ADMIN = S.client(bearer=S.cli("token", "add", "boss@acme.example", "--name", planted("token add --name",
                     ["EMAIL_ADDRESS", "PERSON"])[:90]).stdout.strip())
    S.cli("coach", "playbook", "list")  # gives the tenant the default entries
    AGENT = ADMIN.get("/v1/agents").json()["items"][0]["id"]
    PLAY = ADMIN.get("/v1/playbook").json()["items"][0]["key"]
    ERRORS = Errors()
    plant_bodies()
    plant_refused()
    plant_database_errors()
    METRICS = S.client().get("/metrics").text
    S.process and S.cli("status")


def suggestion():
    """An intervention that waits for a decision, as choosing would have made it."""
    import uuid
    iid = uuid.uuid4().hex[:-2] + AGENT[-2:]
    shard = [d for d in DATABASES[1:] if S.sql(d, f"select 1 from agent where id = '{AGENT}'")][0]
    S.sql(shard, "insert into intervention (location_id, id, tenant_id, agent_id, playbook_key, rank, score, reason, status) "
          f"select location_id, '{iid}', tenant_id, id, '{PLAY}', 1, 0.1, '{{\"text\":\"x\",\"drivers\":[],\"method\":\"rule\"}}', "
          f"'suggested' from agent where id = '{AGENT}'")
    return str(uuid.UUID(iid))


def plant_bodies():
    """Every member of a request that people write freely: accepted, and stored cleaned."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    play = dict(ADMIN.get("/v1/playbook").json()["items"][0], key=PLAY)
    play.update({"title": planted("play title", ["PERSON", "US_SSN"]), "summary": planted("play summary"),
                 "agent_steps": [planted("play agent step")], "coach_steps": [planted("play coach step")]})
    first, second, third = suggestion(), suggestion(), suggestion()
    key = {"Idempotency-Key": short("Idempotency-Key")[:128]}
    for method, path, body, headers in [
        ("POST", "/v1/tokens", {"name": planted("token name", ["EMAIL_ADDRESS", "US_SSN"])}, None),
        ("POST", f"/v1/agents/{AGENT}/sessions", {"at": now, "minutes": 30, "topic": planted("topic", ["PERSON", "CREDIT_CARD"]),
                                                  "notes": planted("notes")}, key),
        ("POST", f"/v1/agents/{AGENT}/messages", {"body": planted("message body")}, None),
        ("POST", f"/v1/interventions/{first}/decision", {"decision": "refuse", "reason": planted("reason")}, None),
        ("POST", f"/v1/interventions/{second}/decision", {"decision": "accept", "reason": planted("reason"),
                                                          "message": planted("message of a decision")}, None),
        ("POST", f"/v1/interventions/{second}/outcome", {"outcome": "improved", "note": planted("outcome note")}, None),
        ("PUT", f"/v1/playbook/{PLAY}", play, None),
    ]:
        answer = ERRORS(ADMIN, method, path, body, headers)
        if answer.status >= 300:
            raise stack.StackError(f"{method} {path}: {answer}")
        ERRORS.texts.append(answer.text)  # what was stored comes back cleaned as well
    ERRORS(ADMIN, "POST", f"/v1/interventions/{third}/decision", {"decision": "change", "key": short("decision key")[:63],
                                                                 "reason": planted("reason of a change")})


def plant_refused():
    """For every route: values in path, query, headers and body, in each of the ways that are refused."""
    doc = S.client().get("/v1/openapi.json").json()
    for path, methods in doc["paths"].items():
        for method in [m.upper() for m in methods if m in ("get", "post", "put", "delete")]:
            where = f"{method} {path}"
            if path == "/v1/live":
                continue  # answers for ever; its query is checked like the others'
            real = path.replace("{id}", AGENT).replace("{key}", "some_key")
            if "{" in path:
                ERRORS(ADMIN, method, path.replace("{id}", url_text(planted(f"{where}, path"))).replace(
                    "{key}", url_text(short(f"{where}, path"))))
            for query in (f"{url_text(short(f'{where}, name in the query'))}=1",
                          f"limit={url_text(short(f'{where}, limit'))}",
                          f"cursor={url_text(short(f'{where}, cursor'))}", f"q={url_text(planted(f'{where}, q'))}"):
                ERRORS(ADMIN, method, f"{real}?{query}", {} if method != "GET" else None)
            for name in ("Cookie", "Authorization", "Origin", "X-Forwarded-For", "User-Agent", "Referer", "X-Note",
                         "Last-Event-ID", "Accept", "If-None-Match", "X-CSRF-Token", "Idempotency-Key"):
                ERRORS(S.client() if name == "Authorization" else ADMIN, method, real, None,
                       {name: short(f"{where}, {name}").replace("\n", " ")})
            if method == "GET":
                continue
            plain = {"Content-Type": "application/json"}
            ERRORS(ADMIN, method, real, {short(f"{where}, member"): 1})
            ERRORS(ADMIN, method, real, {k: planted(f"{where}, {k}") for k in (
                "at", "metric", "decision", "outcome", "valid_from", "key", "email", "password", "minutes", "drivers")})
            for one in ("at", "metric", "decision", "outcome", "valid_from", "key", "email", "password"):
                ERRORS(ADMIN, method, real, {one: planted(f"{where}, {one} alone")})
            ERRORS(ADMIN, method, real, f'{{"a": "{planted(f"{where}, broken JSON")}'.encode(), plain)
            ERRORS(ADMIN, method, real, f'{{"{short(f"{where}, twice")}": 1, "x": {short(f"{where}, bare")}}}'.encode(), plain)
            ERRORS(ADMIN, method, real, planted(f"{where}, no JSON").encode(), {"Content-Type": short(f"{where}, type")})
            ERRORS(ADMIN, method, real, planted(f"{where}, too large").encode().ljust((1 << 20) + 99, b"x"), plain)
    for _ in range(2):
        email = note("e-mail of a login", f"jane.planted{next(COUNT)}@mail-post.com")
        ERRORS(S.client(), "POST", "/v1/login", {"email": email, "password": note("password", f"s3cretpass{next(COUNT)}")})
    ERRORS(ADMIN, "GET", "/" + url_text(planted("no route")))


def plant_database_errors():
    """Statements of the program's role that PostgreSQL refuses and would write into its log."""
    S.cli("user", "add", "boss@acme.example", "--role", "admin", "--name", planted("user add", ["US_SSN"]), input=PASSWORD + "\n",
          check=False)
    for value in (short("bad uuid"), planted("bad number")):
        quoted = value.replace("'", "''")
        S.sql("ehub_control", f"select '{quoted}'::uuid", role="ehub_app", check=False)
        S.sql("ehub_shard_0", f"select '{quoted}'::int", role="ehub_app", check=False)
    S.sql("ehub_control", f"insert into session (tenant_id, token_hash, user_id, csrf, expires_at) values "
          f"(gen_random_uuid(), 'x', gen_random_uuid(), '{short('row of a refused insert')}', now())", role="ehub_app", check=False)


class Leak(unittest.TestCase):
    maxDiff = None

    def none(self, found):
        self.assertEqual(found[:20], [], f"{len(found)} in all")

    def test_every_text_of_the_databases_is_declared_and_nothing_else(self):
        there = {(kind_of(d), *c) for d in DATABASES for c in texts_of(d)}
        self.assertEqual(there ^ set(declared()), set())

    def test_no_value_is_in_a_database_but_where_it_is_declared(self):
        self.none(found_in_databases())

    def test_no_value_is_in_a_log(self):
        self.none(found_in_logs())

    def test_no_value_is_in_the_metrics(self):
        self.none(found_in(METRICS, "/metrics"))

    def test_no_value_is_in_an_answer_to_a_refused_request_nor_in_what_comes_back(self):
        self.assertGreater(len(ERRORS.texts), 300)
        self.none([f for text in ERRORS.texts for f in found_in(text, text[:60])])

    def test_no_value_is_in_a_rejects_file(self):
        for path in FILES:
            with self.subTest(path.name[:12]):
                rejects = path.with_name(path.name + ".rejects.csv").read_text()
                self.assertGreaterEqual(len(list(csv.reader(io.StringIO(rejects)))), 6)
                self.none(found_in(rejects, "rejects file"))

    def test_the_search_finds_what_is_there(self):
        """The test of the tests: a value in a declared column, in a log without the guard, and in a text of ours."""
        value = note("agent's name", f"Wanda Planted{next(COUNT)}")
        teams = csv_file("more-teams.csv", [["agent", "office", "name", "coach", "email", "started_on"],
                                            ["a7", "North", value, "", "", ""]])
        deals = csv_file("more-deals.csv", [["id", "agent", "office", "product", "account", "stage", "status", "opened_at",
                                             "closed_at", "value", "commission", "lead_id"],
                                            ["D77", "a7", "North", "", "", "new", "open", "", "", "", "", ""]])
        S.cli("import", "opportunities", str(deals), "--tenant", "acme", "--teams", str(teams), "--mapping",
              "ehub-opportunities")
        self.assertIn(value, str(found_in_databases(keep_subjects=True)))
        self.assertNotIn(value, str(found_in_databases()))
        from test_api_serve import Server
        seen = note("path without the guard", f"jane.planted{next(COUNT)}@mail-post.com")
        with Server(S, "pii.log=false", "log.level=debug") as v:
            v.client().get(f"/v1/{seen}")
            v.stop()
        self.assertTrue(found_in("".join(v.lines), "log"))
        del PLANTED[seen], PLANTED[value]


class Report(unittest.TestCase):
    """What was planted is counted: where, what, and what was done."""

    def rows(self):
        return S.cli("pii", "report", "--tenant", "acme", json=True)

    def test_the_report_says_what_was_found_where_and_what_was_done_and_no_value(self):
        where = "api POST /v1/agents/{id}/messages"
        stack.wait_until(lambda: any(r["source"] == where for r in self.rows()), 40)
        n = {(r["source"], r["type"], r["action"]): r["n"] for r in self.rows()}
        for cls in ("EMAIL_ADDRESS", "PHONE_NUMBER", "PERSON", "STREET_ADDRESS"):  # at least the accepted message
            self.assertGreaterEqual(n[where, cls, "redact"], 1, cls)
        self.assertGreaterEqual(n[where, "US_SSN", "redact"], 1)
        self.assertGreater(n["import activities", "US_SSN", "redact"], 5)
        self.assertEqual(found_in(str(self.rows()), "report"), [])

    def test_what_the_command_redacts_is_counted_when_it_is_asked_to(self):
        text = "Her SSN is 536-22-8719, mail jo@mail-post.com."
        for words in ((), ("--record", "acme"), ("--record", "acme", "--action", "US_SSN=mask")):
            done = S.cli("pii", "redact", "--policy", "store", *words, input=text)
            self.assertNotIn("8719, mail jo", done.stdout)
        n = {(r["type"], r["purpose"], r["action"]): r["n"] for r in self.rows() if r["source"] == "ehub pii redact"}
        self.assertEqual(n, {("US_SSN", "store", "redact"): 1, ("US_SSN", "store", "mask"): 1,
                             ("EMAIL_ADDRESS", "store", "redact"): 2})
        lost = S.cli("pii", "redact", "--policy", "store", "--record", "nobody", input=text, check=False)
        self.assertEqual((lost.returncode, lost.stdout), (66, ""))

    def test_findings_of_no_tenant_are_the_platforms(self):
        rows = S.cli("pii", "report", "--platform", json=True)
        self.assertIn(("http error", "log"), {(r["source"], r["purpose"]) for r in rows})
        self.assertFalse({r["source"] for r in rows} & {r["source"] for r in self.rows()})

    def test_a_period_before_has_nothing_and_the_api_says_the_same_as_the_command(self):
        past = S.cli("pii", "report", "--tenant", "acme", "--from", "2020-01-01", "--to", "2020-01-31", json=True)
        self.assertEqual(past, [])
        self.assertEqual(ADMIN.get("/v1/pii/report?from=2020-01-01&to=2020-01-31").json(),
                         {"from": "2020-01-01", "to": "2020-01-31", "items": []})
        self.assertEqual(ADMIN.get("/v1/pii/report?from=2020-01-02&to=2020-01-01").status, 422)
        sent = [r for r in ADMIN.get("/v1/pii/report").json()["items"] if "import" in r["source"]]
        self.assertEqual(sent, [r for r in self.rows() if "import" in r["source"]])


class Labels(unittest.TestCase):
    def test_labels_of_metrics_are_words_of_ours(self):
        """Routes and methods are those of the document, never what a client wrote."""
        doc = Document(S.client().get("/v1/openapi.json").json())
        patterns = {path for path in doc.doc["paths"]}
        for route in set(re.findall(r'route="([^"]*)"', METRICS)):
            self.assertTrue(route in patterns or re.fullmatch(r"[a-z]+|/[a-z/.*-]*", route), route)
        for method in set(re.findall(r'method="([^"]*)"', METRICS)):
            self.assertIn(method, {"GET", "POST", "PUT", "DELETE", "HEAD", "other"})
