/* pii_column.h - every text of the databases: whether it is free text and cleaned on its way in, or why it is as it is.
 *
 *     migrations --each text, json and text[] column--> one row here --> docs/reference/pii-columns.md
 *
 * X(database, table, column, HOW, why). STORE: what people or CRMs write freely, cleaned by the policy for store where it
 * comes in (api_call.c, crm_clean.h, cli). SUBJECT: personal data that the product is about or cannot do without; it is
 * kept as it is. OURS: words, numbers and ids of our own, or words from a closed list that was checked.
 * A column without a row fails tests/integration/test_pii_leak.py, which also plants values and looks for them. */
#ifndef EHUB_PRIVACY_PII_COLUMN_H
#define EHUB_PRIVACY_PII_COLUMN_H

#include "base/buf.h"

/* clang-format off */
#define PII_COLUMNS(X) \
    X("control", "api_token", "name", STORE, "what its maker calls it") \
    X("control", "app_user", "email", SUBJECT, "the login of a member of the firm") \
    X("control", "app_user", "name", SUBJECT, "a member of the firm") \
    X("control", "app_user", "password_hash", OURS, "Argon2id") \
    X("control", "app_user", "role", OURS, "closed list") \
    X("control", "audit", "action", OURS, "our words") \
    X("control", "audit", "actor", OURS, "a user's id, or a program of ours") \
    X("control", "audit", "detail", SUBJECT, "ids and figures; of a login its internet address, which its record is for") \
    X("control", "audit", "object", OURS, "an id, or the key of a playbook entry") \
    X("control", "coach_belief", "playbook_key", OURS, "a key that the playbook has") \
    X("control", "coach_belief", "tier", OURS, "closed list") \
    X("control", "ehub_migration", "name", OURS, "file name of a migration") \
    X("control", "ehub_migration", "set_name", OURS, "control or shard") \
    X("control", "ehub_migration", "sha256", OURS, "hash") \
    X("control", "effect_estimate", "detail", OURS, "figures, and our own sentences about them") \
    X("control", "effect_estimate", "estimand", OURS, "closed list") \
    X("control", "effect_estimate", "label", OURS, "closed list") \
    X("control", "effect_estimate", "method", OURS, "closed list") \
    X("control", "effect_estimate", "name", SUBJECT, "an id or a key; of a coach without a login the name, as in agent.coach_name") \
    X("control", "effect_estimate", "outcome", OURS, "closed list") \
    X("control", "effect_estimate", "refusal", OURS, "our own sentence") \
    X("control", "effect_estimate", "scope", OURS, "closed list") \
    X("control", "effect_estimate", "source", OURS, "closed list") \
    X("control", "effect_update", "asked_by", OURS, "a user's id, or a program of ours") \
    X("control", "effect_update", "reason", OURS, "our own error message, cleaned where it is made") \
    X("control", "effect_update", "state", OURS, "closed list") \
    X("control", "experiment", "guards", OURS, "closed list, and numbers") \
    X("control", "experiment", "keys", OURS, "keys of playbook entries") \
    X("control", "experiment", "name", OURS, "letters, digits and - only") \
    X("control", "experiment", "outcome", OURS, "closed list") \
    X("control", "experiment", "state", OURS, "closed list") \
    X("control", "experiment", "stop_reason", STORE, "written by whoever stops it") \
    X("control", "experiment", "waves", OURS, "dates") \
    X("control", "idempotency", "body", SUBJECT, "the answer of a request, for a day: cleaned texts, and names of members of the firm") \
    X("control", "idempotency", "key", OURS, "hash of the client's key") \
    X("control", "import_job", "file_name", STORE, "whatever the exporting person called it") \
    X("control", "import_job", "kind", OURS, "closed list") \
    X("control", "import_job", "reasons", OURS, "closed list, and counts") \
    X("control", "import_job", "state", OURS, "closed list") \
    X("control", "location", "external_id", SUBJECT, "the office's name in the CRM, by which rows find it") \
    X("control", "location", "name", SUBJECT, "an office of the firm") \
    X("control", "model", "features", OURS, "names of features") \
    X("control", "model", "kind", OURS, "closed list") \
    X("control", "model", "report", OURS, "figures of a training") \
    X("control", "model", "status", OURS, "closed list") \
    X("control", "pii_finding", "action", OURS, "closed list") \
    X("control", "pii_finding", "purpose", OURS, "closed list") \
    X("control", "pii_finding", "rule", OURS, "closed list") \
    X("control", "pii_finding", "source", OURS, "our word for the place where the text came in") \
    X("control", "pii_finding", "type", OURS, "closed list") \
    X("control", "playbook", "agent_steps", STORE, "written by managers") \
    X("control", "playbook", "coach_steps", STORE, "written by managers") \
    X("control", "playbook", "drivers", OURS, "names of features") \
    X("control", "playbook", "key", OURS, "letters, digits and _ only") \
    X("control", "playbook", "limits", OURS, "numbers") \
    X("control", "playbook", "prior_source", SUBJECT, "names the authors of a published study") \
    X("control", "playbook", "summary", STORE, "written by managers") \
    X("control", "playbook", "title", STORE, "written by managers") \
    X("control", "session", "csrf", OURS, "random") \
    X("control", "tenant", "currency", OURS, "ISO 4217") \
    X("control", "tenant", "name", SUBJECT, "the firm") \
    X("control", "tenant", "slug", OURS, "letters, digits and - only, chosen by the operator") \
    X("control", "tenant", "timezone", OURS, "name of a zone") \
    X("control", "training_module", "key", OURS, "written by the simulator only") \
    X("control", "training_module", "title", OURS, "written by the simulator only") \
    X("control", "training_module", "topics", OURS, "written by the simulator only") \
    X("shard", "activity", "direction", OURS, "closed list") \
    X("shard", "activity", "kind", OURS, "closed list") \
    X("shard", "activity", "outcome", STORE, "of a training whatever the CRM has") \
    X("shard", "agent", "coach_name", SUBJECT, "a member of the firm") \
    X("shard", "agent", "email", SUBJECT, "the agent is whom the product coaches") \
    X("shard", "agent", "external_id", SUBJECT, "the agent's name or number in the CRM, by which rows find the agent") \
    X("shard", "agent", "name", SUBJECT, "the agent is whom the product coaches") \
    X("shard", "coach_outcome", "playbook_key", OURS, "a key that the playbook has") \
    X("shard", "coach_outcome", "tier", OURS, "closed list") \
    X("shard", "coaching_session", "notes", STORE, "written by coaches") \
    X("shard", "coaching_session", "playbook_key", OURS, "a key that the playbook has") \
    X("shard", "coaching_session", "topic", STORE, "written by coaches") \
    X("shard", "ehub_migration", "name", OURS, "file name of a migration") \
    X("shard", "ehub_migration", "set_name", OURS, "control or shard") \
    X("shard", "ehub_migration", "sha256", OURS, "hash") \
    X("shard", "experiment_arm", "keys", OURS, "keys of playbook entries") \
    X("shard", "experiment_arm", "stratum", OURS, "a number") \
    X("shard", "goal", "metric", OURS, "closed list") \
    X("shard", "intervention", "choice", OURS, "keys of playbook entries and figures") \
    X("shard", "intervention", "decision_reason", STORE, "written by coaches") \
    X("shard", "intervention", "explanation_seen", OURS, "copies of our own reasons and figures") \
    X("shard", "intervention", "outcome", OURS, "closed list") \
    X("shard", "intervention", "outcome_note", STORE, "written by coaches and agents") \
    X("shard", "intervention", "playbook_key", OURS, "a key that the playbook has") \
    X("shard", "intervention", "policy", OURS, "closed list") \
    X("shard", "intervention", "reason", OURS, "sentences of ours with figures") \
    X("shard", "intervention", "replaced_key", OURS, "a key that the playbook has") \
    X("shard", "intervention", "status", OURS, "closed list") \
    X("shard", "lead", "external_id", SUBJECT, "the CRM's number, by which the lead is found again") \
    X("shard", "lead", "source", OURS, "written by the simulator only") \
    X("shard", "live_event", "kind", OURS, "closed list") \
    X("shard", "live_event", "payload", SUBJECT, "cleaned texts, and names of members of the firm; for seven days") \
    X("shard", "message", "body", STORE, "written by coaches and agents") \
    X("shard", "message", "from_name", SUBJECT, "a member of the firm") \
    X("shard", "opportunity", "account", STORE, "the client's name in the CRM") \
    X("shard", "opportunity", "external_id", SUBJECT, "the CRM's number, by which the row is found again") \
    X("shard", "opportunity", "product", STORE, "whatever the CRM has") \
    X("shard", "opportunity", "stage", STORE, "the CRM's own word") \
    X("shard", "opportunity", "status", OURS, "closed list") \
    X("shard", "prediction", "kind", OURS, "closed list") \
    X("shard", "source_seen", "kind", OURS, "closed list")
/* clang-format on */

/* docs/reference/pii-columns.md */
void pii_column_docs(Buf *out);

#endif
