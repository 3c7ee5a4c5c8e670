"""api_check.py - the API's document in tests: which operations there are, and whether an answer fits its schema.

    doc = Document(client.get("/v1/openapi.json").json());  for op in doc.operations: ...
    doc.check(op, answer)      raises AssertionError naming the place that does not fit

The validator knows the part of JSON Schema 2020-12 that the document uses; anything else in a schema is an error, so that
nothing passes for not having been looked at.
"""

import datetime
import re
import uuid
from dataclasses import dataclass

KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "format", "minimum", "maximum",
         "minLength", "maxLength", "anyOf", "$ref"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


@dataclass
class Operation:
    method: str
    path: str
    roles: set
    public: bool
    request: str
    response: str
    status: int
    media: str
    parameters: list

    @property
    def name(self):
        return f"{self.method} {self.path}"

    def url(self, **values):
        return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], self.path)


class Document:
    def __init__(self, doc):
        self.doc = doc
        self.schemas = doc["components"]["schemas"]
        self.operations = [self._operation(path, method, op) for path, item in doc["paths"].items()
                           for method, op in item.items()]

    def _operation(self, path, method, op):
        status = next(s for s in op["responses"] if s != "default")
        content = op["responses"][status].get("content", {})
        media = next(iter(content), None)
        body = op.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref")
        return Operation(method.upper(), path, set(op["x-roles"]), op["security"] == [], body,
                         content.get(media, {}).get("schema", {}).get("$ref") if media else None, int(status), media,
                         op["parameters"])

    def find(self, method, path):
        return next(o for o in self.operations if o.method == method and o.path == path)

    def check(self, op, answer):
        assert answer.status == op.status, f"{op.name}: {answer}"
        if op.response:
            assert answer.headers["Content-Type"].startswith("application/json"), f"{op.name}: {answer.headers}"
            self.fits(answer.json(), {"$ref": op.response}, op.name)
        elif not op.media:
            assert answer.body == b"", f"{op.name}: {answer}"

    def fits(self, value, schema, at):
        unknown = set(schema) - KNOWN
        assert not unknown, f"{at}: the validator does not know {unknown}"
        if "$ref" in schema:
            return self.fits(value, self.schemas[schema["$ref"].rpartition("/")[2]], at)
        if "anyOf" in schema:
            return self._any(value, schema["anyOf"], at)
        if "type" in schema:
            self._type(value, schema["type"], at)
        if value is None:
            return
        if "enum" in schema:
            assert value in schema["enum"], f"{at}: {value!r} is not one of {schema['enum']}"
        if isinstance(value, dict):
            self._object(value, schema, at)
        elif isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                self.fits(item, schema["items"], f"{at}[{i}]")
        elif isinstance(value, str):
            self._string(value, schema, at)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            assert schema.get("minimum", value) <= value <= schema.get("maximum", value), f"{at}: {value} out of bounds"

    def _any(self, value, schemas, at):
        reasons = []
        for s in schemas:
            try:
                return self.fits(value, s, at)
            except AssertionError as e:
                reasons.append(str(e))
        raise AssertionError("; ".join(reasons))

    def _type(self, value, types, at):
        for t in types if isinstance(types, list) else [types]:
            if t in ("integer", "number"):
                if isinstance(value, (int, float)) and not isinstance(value, bool) and (t == "number" or value == int(value)):
                    return
            elif isinstance(value, TYPES[t]):
                return
        raise AssertionError(f"{at}: {value!r} is not {types}")

    def _object(self, value, schema, at):
        for name in schema.get("required", []):
            assert name in value, f"{at}: {name} is missing"
        properties = schema.get("properties", {})
        for name, member in value.items():
            if name in properties:
                self.fits(member, properties[name], f"{at}.{name}")
            else:
                assert schema.get("additionalProperties", True) is not False, f"{at}: {name} is not in the schema"

    def _string(self, value, schema, at):
        assert schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)), f"{at}: length"
        form = schema.get("format")
        if form == "uuid":
            assert str(uuid.UUID(value)) == value, f"{at}: {value}"
        elif form == "date":
            datetime.date.fromisoformat(value)
        elif form == "date-time":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value), f"{at}: {value}"
        else:
            assert form is None, f"{at}: the validator does not know format {form}"


def walk(client, path, limit, key="id"):
    """All items of a list, page by page."""
    items, cursor = [], None
    while True:
        joint = "&" if "?" in path else "?"
        answer = client.get(f"{path}{joint}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status == 200, answer
        page = answer.json()
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
        assert len(page["items"]) == limit, "a page that is not full has a next one"


class Members:
    """One client for each role of a stack's demo tenant, with tokens (log-ins are rationed)."""

    ROLES = ("admin", "manager", "coach", "agent", "auditor")

    def __init__(self, stack, tenant="demo"):
        self.stack, self.tenant, self.clients = stack, tenant, {}
        for role in self.ROLES:
            token = stack.cli("token", "add", f"{role}@{tenant}.example", "--tenant", tenant, "--name", "test").stdout
            self.clients[role] = stack.client(bearer=token.strip())

    def __getitem__(self, role):
        return self.clients[role]


def other_tenant(stack, slug):
    """A second brokerage with one office, one agent and one of each thing; {"tenant", "ids", "admin": client}."""
    known = [t for t in stack.cli("tenant", "list", json=True) if t["slug"] == slug]
    tenant = known[0]["id"] if known else stack.cli("tenant", "add", slug, "--name", slug.title()).stdout.strip()
    ids = {}
    if not known:
        seed(stack, tenant, slug)
        stack.cli("user", "add", f"admin@{slug}.example", "--tenant", slug, "--role", "admin", "--name", "Other Admin",
                  input="a long enough password\n")
    for table in ("agent", "intervention", "message"):
        rows = stack.sql("ehub_shard_3", f"select id from {table} where tenant_id = '{tenant}' order by id limit 1")
        ids[table] = rows[0][0]
    ids["location"] = stack.sql("ehub_control", f"select id from location where tenant_id = '{tenant}'")[0][0]
    ids["user"] = stack.sql("ehub_control", f"select id from app_user where tenant_id = '{tenant}'")[0][0]
    token = stack.cli("token", "add", f"admin@{slug}.example", "--tenant", slug).stdout.strip()
    ids["token"] = stack.sql("ehub_control", f"select id from api_token where tenant_id = '{tenant}' limit 1")[0][0]
    return {"tenant": tenant, "ids": ids, "admin": stack.client(bearer=token), "slug": slug}


def seed(stack, tenant, slug):
    """Slot 3 lies on shard 3 (slot modulo four, as the first migration lays it out)."""
    new = lambda: str(uuid.uuid4())[:-2] + "03"
    location, agent, model = new(), new(), str(uuid.uuid4())
    control = f"""
      insert into location (tenant_id, id, external_id, name) values ('{tenant}', '{location}', 'o1', 'Secret Office of {slug}');
      insert into playbook (tenant_id, key, title, summary, drivers, agent_steps, coach_steps, effort_agent_min,
        effort_coach_min, limits, prior_effect, prior_source, position) values ('{tenant}', 'secret_play', 'Secret Play', 's',
        '[{{"feature": "calls_7d", "when": "low"}}]', '["step"]', '["step"]', 5, 5,
        '{{"per_week": 2, "per_week_lowest_tier": 1, "cooldown_days": 14}}', 0.1, 'none', 1);
      insert into training_module (tenant_id, key, title, minutes) values ('{tenant}', 'secret_module', 'Secret Module', 5);
      insert into model (tenant_id, id, kind, version, status, window_from, window_to, features, report, model, sha256)
        values ('{tenant}', '{model}', 'goal', 77, 'retired', '2026-01-01', '2026-06-01', '[]', '{{}}', '\\x00', '\\x00');
      insert into pii_finding values ('{tenant}', date_trunc('hour', now()), 'log', 'log', 'PERSON', 'r', 'redact', 1);
      insert into experiment (tenant_id, id, name, keys, outcome, share, seed, waves, starts_on, ends_on, guards, n_agents, state)
        values ('{tenant}', '{new()}', 'secret-trial', '["secret_play"]', 'closings', 0.5, 1, '["2026-01-01"]', '2026-01-01',
        '2026-06-01', '[]', 2, 'running');
      insert into effect_estimate (tenant_id, scope, name, outcome, tier, source, n_treated, n_control, per_days, refusal, detail, label,
        made_at) values ('{tenant}', 'intervention', 'secret_play', 'closings', -1, 'history', 0, 0, 28, 'Secret refusal', '{{}}',
        'measured', now());
      insert into effect_update (tenant_id, state, asked_by, ended_at, reason) values ('{tenant}', 'failed', 'ehub', now(), 'Secret reason');
      insert into tenant_money (tenant_id, split) values ('{tenant}', 0.123);
      insert into coach_belief (tenant_id, playbook_key, tier, prior, mean, sd, n)
        values ('{tenant}', 'secret_play', 'new', 0.1, 0.2, 0.1, 7);
      insert into idempotency (tenant_id, user_id, key, request_hash) values ('{tenant}', '{new()}', 'k', '\\x00');
      insert into import_job (tenant_id, id, kind, file_name, file_sha256, setup_sha256, state)
        values ('{tenant}', '{new()}', 'activities', 'f.csv', '\\x00', '\\x00', 'done');"""
    shard = f"""
      set ehub.tenant_id = '{tenant}';
      insert into agent (location_id, id, tenant_id, external_id, name)
        values ('{location}', '{agent}', '{tenant}', 'a1', 'Secret Agent of {slug}');
      insert into goal (location_id, id, tenant_id, agent_id, metric, target, valid_from)
        values ('{location}', '{new()}', '{tenant}', '{agent}', 'closings', 2, '2026-01-01');
      insert into lead (location_id, id, tenant_id, agent_id, external_id, received_at)
        values ('{location}', '{new()}', '{tenant}', '{agent}', 'l1', now() - interval '1 day');
      insert into opportunity (location_id, id, tenant_id, agent_id, external_id, stage, status, opened_at)
        values ('{location}', '{new()}', '{tenant}', '{agent}', 'o1', 'New', 'open', now() - interval '1 day');
      insert into activity (location_id, id, tenant_id, agent_id, kind, at, known_at)
        values ('{location}', '{new()}', '{tenant}', '{agent}', 'call', now() - interval '1 day', now());
      insert into coaching_session (location_id, id, tenant_id, agent_id, at, minutes, topic)
        values ('{location}', '{new()}', '{tenant}', '{agent}', now(), 30, 'Secret topic');
      insert into feature_snapshot (location_id, agent_id, as_of, tenant_id, x)
        values ('{location}', '{agent}', current_date, '{tenant}', array_fill(1::real, array[46]));
      insert into prediction (location_id, id, tenant_id, agent_id, kind, as_of, value, margin, bias, shap, x, office_median)
        values ('{location}', '{new()}', '{tenant}', '{agent}', 'goal', current_date, 0.25, -1.1, 0,
        array_fill(0::float8, array[46]), array_fill(1::real, array[46]), array_fill(1::real, array[46]));
      insert into intervention (location_id, id, tenant_id, agent_id, playbook_key, rank, score, reason, status)
        values ('{location}', '{new()}', '{tenant}', '{agent}', 'secret_play', 1, 0.05,
        '{{"text": "Secret reason", "drivers": [], "method": "rule"}}', 'suggested');
      insert into experiment_arm (location_id, experiment_id, agent_id, tenant_id, stratum, arm, keys)
        values ('{location}', '{new()}', '{agent}', '{tenant}', '0', 1, '["secret_play"]');
      insert into coach_outcome (location_id, intervention_id, tenant_id, agent_id, playbook_key, sent, as_of, compared)
        values ('{location}', '{new()}', '{tenant}', '{agent}', 'secret_play', true, '2026-01-01', 0);
      insert into message (location_id, id, tenant_id, agent_id, from_user, from_name, body)
        values ('{location}', '{new()}', '{tenant}', '{agent}', '{new()}', 'Secret Coach', 'Secret body');
      select live_publish('{location}', '{agent}', 'message', '{{"body": "Secret event"}}');"""
    stack.sql("ehub_control", control)
    stack.sql("ehub_shard_3", shard)
