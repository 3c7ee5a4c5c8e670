-- Experiments with coaching: what is drawn, until when, and what stops it.
create table experiment (
  tenant_id uuid not null references tenant (id),
  id uuid primary key,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  keys jsonb not null,                    -- ["speed_to_lead"]: one intervention, or the several of a programme
  outcome text not null check (outcome in ('closings', 'commission')),
  share double precision not null check (share > 0 and share < 1), -- of the agents, the rest is the hold-out
  seed bigint not null,                   -- of the assignment: the same agents and seed give the same arms
  waves jsonb not null,                   -- ["2026-03-01", ...]: from when each wave may get it
  starts_on date not null,                -- of the first wave
  ends_on date not null,                  -- when the planned sample is reached
  guards jsonb not null,                  -- [{"metric": "closings", "drop": 0.1}]
  effect double precision,                -- smallest effect that is found with a chance of 80 %, when it was planned
  n_agents int not null,
  state text not null check (state in ('running', 'stopped')),
  stop_reason text,
  created_at timestamptz not null default now(),
  stopped_at timestamptz,
  unique (tenant_id, name),
  check ((state = 'stopped') = (stopped_at is not null and stop_reason is not null))
);

alter table experiment enable row level security;
alter table experiment force row level security;
create policy tenant_only on experiment
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update, delete on experiment to ehub_app;
