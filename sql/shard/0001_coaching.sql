-- One shard: everything that belongs to a location. location_id stands first in every primary key, so that a distributed
-- PostgreSQL could take it as distribution column. The last byte of every id here is the location's logical slot.

create function ehub_tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('ehub.tenant_id', true), '')::uuid;

create table agent (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  external_id text not null, -- the agent's name or number in the CRM
  name text not null,
  email text,
  started_on date,           -- null: unknown
  left_on date,
  coach_name text,
  created_at timestamptz not null default now(),
  primary key (location_id, id)
);
create unique index agent_id on agent (id);
create index agent_tenant on agent (tenant_id, name, id);

create table goal (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  metric text not null check (metric in ('closings', 'commission')),
  target double precision not null check (target > 0), -- for 30 days; commission in cents
  valid_from date not null,
  valid_to date,             -- exclusive; null: open
  derived boolean not null default false, -- set from the office's history, not by a person
  created_at timestamptz not null default now(),
  primary key (location_id, id)
);
create index goal_agent on goal (agent_id, valid_from);

create table lead (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  external_id text not null,
  source text,
  received_at timestamptz not null,
  first_response_at timestamptz,
  contacted_at timestamptz,  -- first two-way contact
  primary key (location_id, id)
);
create index lead_agent on lead (agent_id, received_at);

create table opportunity (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  lead_id uuid,
  external_id text not null,
  product text,
  account text,
  stage text not null,       -- the CRM's own word
  status text not null check (status in ('open', 'won', 'lost')),
  opened_at timestamptz,     -- null: not yet engaged
  closed_at timestamptz,
  value_cents bigint,
  commission_cents bigint,
  import_id uuid,
  import_line bigint,
  primary key (location_id, id),
  check ((status = 'open') = (closed_at is null)),
  check (closed_at >= opened_at)
);
create index opportunity_agent on opportunity (agent_id, closed_at, opened_at);

create table activity (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  lead_id uuid,
  opportunity_id uuid,
  kind text not null check (kind in ('call', 'text', 'email', 'appointment', 'showing', 'offer', 'closing', 'task',
                                     'note', 'training')),
  direction text check (direction in ('in', 'out')),
  at timestamptz not null,       -- when it happened; appointments: when they were to take place
  known_at timestamptz not null, -- when it was entered; features use only what was known
  duration_s int check (duration_s >= 0),
  outcome text,                  -- connected, no_answer, held, no_show, cancelled, accepted, rejected, done, <module key>
  import_id uuid,
  import_line bigint,
  primary key (location_id, id)
);
create index activity_agent on activity (agent_id, at);
-- The rare kinds that features look at over half a year.
create index activity_step on activity (agent_id, at) where kind in ('appointment', 'offer', 'training');

create table coaching_session (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  coach_id uuid,             -- app_user; null: imported or simulated
  at timestamptz not null,
  minutes int not null check (minutes between 1 and 1440),
  topic text not null,
  playbook_key text,
  notes text,
  created_at timestamptz not null default now(),
  primary key (location_id, id)
);
create index coaching_session_agent on coaching_session (agent_id, at);

-- Since when a tenant's office has had each kind of data, kept by the triggers below: features of a source that the tenant
-- did not have are unknown, not zero. '-infinity': since when does not matter, only whether.
create table source_seen (
  location_id uuid not null,
  kind text not null, -- an activity's kind, or lead, lead_response, lead_contact, opportunity, closed, commission, value,
                      -- open_value, coaching
  tenant_id uuid not null,
  first_at timestamptz not null,
  primary key (location_id, kind)
);
create index on source_seen (tenant_id);

create function source_note(p_location uuid, p_kind text, p_tenant uuid, p_first timestamptz) returns void
language sql as $$
  insert into source_seen as s (location_id, kind, tenant_id, first_at)
    select p_location, p_kind, p_tenant, p_first
    where p_first is not null and not exists (select from source_seen o where o.location_id = p_location
                                                and o.kind = p_kind and o.first_at <= p_first)
    on conflict (location_id, kind) do update set first_at = least(s.first_at, excluded.first_at)
$$;
create function source_of_activity() returns trigger language plpgsql as $$
begin
  perform source_note(f.location_id, f.kind, f.tenant_id, f.first_at)
    from (select location_id, kind, tenant_id, min(known_at) as first_at from new_rows group by 1, 2, 3) f;
  return null;
end $$;
create function source_of_lead() returns trigger language plpgsql as $$
begin
  perform source_note(f.location_id, k.kind, f.tenant_id, k.first_at)
    from (select location_id, tenant_id, min(received_at) as received, min(first_response_at) as answered,
                 min(contacted_at) as contacted from new_rows group by 1, 2) f,
         lateral (values ('lead', f.received), ('lead_response', f.answered), ('lead_contact', f.contacted))
           as k (kind, first_at);
  return null;
end $$;
create function source_of_opportunity() returns trigger language plpgsql as $$
begin
  perform source_note(f.location_id, k.kind, f.tenant_id, k.first_at)
    from (select location_id, tenant_id, min(opened_at) as opened, min(closed_at) as closed,
                 min(closed_at) filter (where commission_cents is not null) as paid,
                 min(closed_at) filter (where status = 'won' and value_cents is not null) as valued,
                 min(timestamptz '-infinity') filter (where status = 'open' and value_cents is not null) as open_valued
          from new_rows group by 1, 2) f,
         lateral (values ('opportunity', f.opened), ('closed', f.closed), ('commission', f.paid), ('value', f.valued),
                         ('open_value', f.open_valued)) as k (kind, first_at);
  return null;
end $$;
create function source_of_session() returns trigger language plpgsql as $$
begin
  perform source_note(f.location_id, 'coaching', f.tenant_id, f.first_at)
    from (select location_id, tenant_id, min(at) as first_at from new_rows group by 1, 2) f;
  return null;
end $$;
create trigger source_insert after insert on activity referencing new table as new_rows
  for each statement execute function source_of_activity();
create trigger source_insert after insert on lead referencing new table as new_rows
  for each statement execute function source_of_lead();
create trigger source_update after update on lead referencing new table as new_rows
  for each statement execute function source_of_lead();
create trigger source_insert after insert on opportunity referencing new table as new_rows
  for each statement execute function source_of_opportunity();
create trigger source_update after update on opportunity referencing new table as new_rows
  for each statement execute function source_of_opportunity();
create trigger source_insert after insert on coaching_session referencing new table as new_rows
  for each statement execute function source_of_session();

create table feature_snapshot (
  location_id uuid not null,
  agent_id uuid not null,
  as_of date not null,
  tenant_id uuid not null,
  x real[] not null,         -- in the order of the table in coach/feature_table.h; NaN = not known
  primary key (location_id, agent_id, as_of)
);
create index feature_snapshot_agent on feature_snapshot (agent_id, as_of);

create table prediction (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  model_id uuid,             -- control.model; null: no model is active, ranked by rule
  kind text not null check (kind in ('goal', 'closings')),
  as_of date not null,
  made_at timestamptz not null default now(),
  value double precision not null,  -- probability, or expected closings
  margin double precision not null,
  bias double precision not null,
  shap double precision[] not null, -- one for each feature, in margin units; shap and bias add up to margin
  x real[] not null,                -- the features it was made from
  office_median real[] not null,    -- the same features' medians in the office on that date
  primary key (location_id, id),
  unique (location_id, agent_id, kind, as_of)
);
create index prediction_agent on prediction (agent_id, kind, as_of desc);
create index prediction_tenant on prediction (tenant_id, kind, as_of desc);

create table intervention (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  playbook_key text not null,
  prediction_id uuid,
  rank int not null,                 -- 1 = first choice for this agent
  score double precision not null,   -- expected change of the probability
  reason jsonb not null,             -- {"text": "...", "drivers": [{"feature","value","median","points"}], "method": "shap"|"rule"}
  status text not null check (status in ('suggested', 'accepted', 'changed', 'refused', 'expired', 'done')),
  suggested_at timestamptz not null default now(),
  decided_by uuid,
  decided_at timestamptz,
  decision_reason text,
  explanation_seen jsonb,            -- what the person who decided was shown
  replaced_key text,                 -- status changed: the playbook key the coach chose instead
  sent_at timestamptz,
  outcome text check (outcome in ('improved', 'same', 'worse', 'not_done')),
  outcome_note text,
  outcome_at timestamptz,
  primary key (location_id, id)
);
create unique index intervention_id on intervention (id); -- decisions and outcomes name nothing else
create index intervention_agent on intervention (agent_id, suggested_at desc);
-- The few that wait for a decision, among all that ever were.
create index intervention_open on intervention (tenant_id, agent_id) include (location_id, score) where status = 'suggested';

create table message (
  location_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  from_user uuid not null,
  from_name text not null,
  body text not null check (length(body) between 1 and 4000),
  intervention_id uuid,
  at timestamptz not null default now(),
  read_at timestamptz,
  primary key (location_id, id)
);
create index message_agent on message (agent_id, at desc);

-- What live streams resume from. A tenant's rows in this shard become visible in the order of seq (live_publish takes a
-- lock until the end of the transaction: publish last), so "after seq N" never misses one that was committed late.
create table live_event (
  location_id uuid not null,
  seq bigint generated always as identity,
  tenant_id uuid not null,
  agent_id uuid,             -- null: for the whole office
  kind text not null check (kind in ('prediction', 'intervention', 'message', 'session')),
  at timestamptz not null default now(),
  payload jsonb not null,
  primary key (location_id, seq)
);
create index live_event_tenant on live_event (tenant_id, seq);
create index live_event_at on live_event (at);

create function live_publish(p_location uuid, p_agent uuid, p_kind text, p_payload jsonb) returns bigint
language plpgsql as $$
declare v_seq bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('live:' || ehub_tenant()::text, 0));
  insert into live_event (location_id, tenant_id, agent_id, kind, payload)
    values (p_location, ehub_tenant(), p_agent, p_kind, p_payload) returning seq into v_seq;
  perform pg_notify('ehub_live', ehub_tenant()::text || ' ' || p_location::text || ' ' || v_seq::text);
  return v_seq;
end $$;

do $$
declare t text;
begin
  foreach t in array array['agent', 'goal', 'lead', 'opportunity', 'activity', 'coaching_session', 'source_seen',
                           'feature_snapshot',
                           'prediction', 'intervention', 'message', 'live_event'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant_only on %I using (tenant_id = (select ehub_tenant())) '
                   'with check (tenant_id = (select ehub_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to ehub_app', t);
  end loop;
end $$;
