-- How the last update of a tenant's effects went: one row, so that one update runs at a time.
create table effect_update (
  tenant_id uuid primary key references tenant (id),
  state text not null check (state in ('running', 'done', 'failed')),
  asked_by text not null,         -- id of the user, or "ehub": the nightly run
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now(), -- renewed while it runs: long ago means that whoever ran it is gone
  ended_at timestamptz,
  reason text,                    -- why it failed
  check ((state = 'running') = (ended_at is null)),
  check ((state = 'failed') = (reason is not null))
);

alter table effect_update enable row level security;
alter table effect_update force row level security;
create policy tenant_only on effect_update
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update, delete on effect_update to ehub_app;
