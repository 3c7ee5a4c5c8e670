-- The control database: who the tenants are, who may log in, where each slot lives, what was learned.
-- Every table that holds a tenant's rows has tenant_id and forced row-level security; with no tenant set no row is
-- visible. The application's role (ehub_app) owns nothing.

create function ehub_tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('ehub.tenant_id', true), '')::uuid;

create table tenant (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  simulated boolean not null default false, -- every figure of such a tenant is labelled so
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  timezone text not null default 'America/Los_Angeles',
  created_at timestamptz not null default now()
);

create table location (
  tenant_id uuid not null references tenant (id),
  id uuid primary key,
  external_id text not null, -- the office's name in the CRM
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  unique (tenant_id, external_id),
  unique (tenant_id, id) -- foreign keys name the tenant too: they are checked without row-level security
);

create table app_user (
  tenant_id uuid not null references tenant (id),
  id uuid primary key,
  email text not null check (length(email) between 3 and 254 and email = lower(email)),
  name text not null check (length(name) between 1 and 200),
  role text not null check (role in ('admin', 'manager', 'coach', 'agent', 'auditor')),
  location_id uuid,                          -- null: the whole tenant
  agent_id uuid,                             -- role agent: whose own page
  password_hash text,                        -- Argon2id; null: cannot log in
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  unique (email),
  unique (tenant_id, id),
  foreign key (tenant_id, location_id) references location (tenant_id, id),
  check (role <> 'agent' or agent_id is not null)
);

create table session (
  tenant_id uuid not null,
  token_hash bytea primary key, -- SHA-256 of the secret in the cookie
  user_id uuid not null,
  csrf text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  foreign key (tenant_id, user_id) references app_user (tenant_id, id) on delete cascade
);
create index on session (tenant_id, user_id);
create index on session (expires_at);

create table api_token (
  tenant_id uuid not null,
  id uuid not null unique,
  token_hash bytea primary key,
  user_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  foreign key (tenant_id, user_id) references app_user (tenant_id, id) on delete cascade
);
create index on api_token (tenant_id, user_id);

create table idempotency (
  tenant_id uuid not null,
  user_id uuid not null,
  key text not null check (length(key) between 1 and 128),
  request_hash bytea not null,
  status int,           -- null: still running
  body text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id, key)
);
create index on idempotency (created_at);

create table model (
  tenant_id uuid not null references tenant (id),
  id uuid primary key,
  kind text not null check (kind in ('goal', 'closings')),
  version int not null,
  status text not null check (status in ('active', 'retired', 'rejected')),
  window_from date not null,
  window_to date not null,
  features jsonb not null, -- ["speed_to_lead_min_30d", ...] in the order of the columns
  report jsonb not null,
  model bytea not null,
  sha256 bytea not null,
  created_at timestamptz not null default now(),
  unique (tenant_id, kind, version)
);
create unique index model_active on model (tenant_id, kind) where status = 'active';

create table playbook (
  tenant_id uuid not null references tenant (id),
  key text not null check (key ~ '^[a-z][a-z0-9_]{1,62}$'),
  title text not null,
  summary text not null,
  drivers jsonb not null,       -- [{"feature": "...", "when": "high"|"low"}]
  agent_steps jsonb not null,   -- ["..."]
  coach_steps jsonb not null,
  effort_agent_min int not null check (effort_agent_min between 0 and 10000),
  effort_coach_min int not null check (effort_coach_min between 0 and 10000),
  limits jsonb not null,        -- {"per_week": 2, "per_week_lowest_tier": 1, "cooldown_days": 14}
  prior_effect double precision not null, -- expected change of the margin (log-odds), a prior until outcomes are known
  prior_source text not null,
  enabled boolean not null default true,
  position int not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, key)
);

create table training_module (
  tenant_id uuid not null references tenant (id),
  key text not null,
  title text not null,
  minutes int not null check (minutes between 1 and 10000),
  topics jsonb not null default '[]',
  primary key (tenant_id, key)
);

create table import_job (
  tenant_id uuid not null references tenant (id),
  id uuid primary key,
  kind text not null check (kind in ('opportunities', 'activities')),
  file_name text not null,
  file_sha256 bytea not null,
  setup_sha256 bytea not null, -- mapping and teams file: another mapping is another import
  state text not null check (state in ('running', 'done', 'failed')),
  bytes_done bigint not null default 0,
  line_done bigint not null default 0,
  rejects_bytes bigint not null default 0, -- length of the rejects file at the checkpoint
  rows_new bigint not null default 0,
  rows_changed bigint not null default 0,
  rows_same bigint not null default 0,
  rows_rejected bigint not null default 0,
  reasons jsonb not null default '{}',     -- {"unknown agent": 3}
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (tenant_id, kind, file_sha256, setup_sha256)
);

-- Append-only; each row's hash covers the row and the hash before it. The application reads it, and writes it through
-- audit_append alone, which runs as the owner: nobody can put a row of his own making into the chain.
create table audit (
  tenant_id uuid not null,
  seq bigint not null,
  at timestamptz not null,
  actor text not null,   -- user id, or the name of a program
  action text not null,  -- "intervention.refuse"
  object text not null,  -- id of what it was done to
  detail jsonb not null,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (tenant_id, seq)
);

create function audit_hash(p_tenant uuid, p_seq bigint, p_at timestamptz, p_actor text, p_action text, p_object text,
                           p_detail jsonb, p_prev bytea) returns bytea language sql stable
  return sha256(convert_to(jsonb_build_array(p_tenant, p_seq,
      to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), p_actor, p_action, p_object, p_detail,
      encode(p_prev, 'hex'))::text, 'UTF8'));

create function audit_append(p_actor text, p_action text, p_object text, p_detail jsonb) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_tenant uuid := ehub_tenant();
  v_seq bigint;
  v_prev bytea;
  v_at timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit:' || v_tenant::text, 0));
  select a.seq, a.hash into v_seq, v_prev from audit a where a.tenant_id = v_tenant order by a.seq desc limit 1;
  v_at := clock_timestamp(); -- under the lock: times rise with seq
  v_seq := coalesce(v_seq, 0) + 1;
  v_prev := coalesce(v_prev, '\x'::bytea);
  insert into audit values (v_tenant, v_seq, v_at, p_actor, p_action, p_object, p_detail, v_prev,
    audit_hash(v_tenant, v_seq, v_at, p_actor, p_action, p_object, p_detail, v_prev));
  return v_seq;
end $$;

-- Platform tables: no tenant's rows. Readable by the application, changed by the owner only.
create table shard_map (
  slot int primary key check (slot between 0 and 255),
  shard int not null check (shard between 0 and 3)
);
create table shard_map_version (only_row boolean primary key default true check (only_row), version bigint not null);
insert into shard_map select s, s % 4 from generate_series(0, 255) s;
insert into shard_map_version values (true, 1);

do $$
declare t text;
begin
  foreach t in array array['location', 'app_user', 'session', 'api_token', 'idempotency', 'model', 'playbook',
                           'training_module', 'import_job', 'audit'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant_only on %I using (tenant_id = (select ehub_tenant())) '
                   'with check (tenant_id = (select ehub_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to ehub_app', t);
  end loop;
end $$;
revoke insert, update, delete on audit from ehub_app;

alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant_only on tenant using (id = (select ehub_tenant())) with check (id = (select ehub_tenant()));
grant select, insert, update on tenant to ehub_app;

alter table shard_map enable row level security;
alter table shard_map force row level security;
create policy readable on shard_map using (true);
alter table shard_map_version enable row level security;
alter table shard_map_version force row level security;
create policy readable on shard_map_version using (true);
grant select on shard_map, shard_map_version to ehub_app;

-- The two questions that are asked before a tenant is known. They run as the owner, who may read these two tables whole
-- and is used for nothing else at run time.
create policy owner_reads on app_user for select to ehub_owner using (true);
create policy owner_reads on tenant for select to ehub_owner using (true);

create function auth_find_user(p_email text)
returns table (tenant_id uuid, id uuid, password_hash text, disabled boolean)
language sql stable security definer set search_path = public, pg_temp
begin atomic
  select u.tenant_id, u.id, u.password_hash, u.disabled_at is not null from app_user u where u.email = lower(p_email);
end;
create function tenant_list() returns table (id uuid, slug text, name text, simulated boolean)
language sql stable security definer set search_path = public, pg_temp
begin atomic
  select t.id, t.slug, t.name, t.simulated from tenant t order by t.slug;
end;
revoke all on function auth_find_user(text), tenant_list(), audit_append(text, text, text, jsonb) from public;
grant execute on function auth_find_user(text), tenant_list(), audit_append(text, text, text, jsonb) to ehub_app;
