-- What coaching was seen to do, and whether a tenant lets its choice learn from it.
alter table tenant add column learned_choice boolean not null default false;

-- The belief in each intervention's effect by tier of agent, made anew from all outcomes; the playbook's prior where nothing
-- was seen.
create table coach_belief (
  tenant_id uuid not null references tenant (id),
  playbook_key text not null,
  tier text not null check (tier in ('new', 'low', 'middle', 'top')),
  prior double precision not null,        -- the playbook's, when the belief was made
  mean double precision not null,         -- log-odds of the goal when all of the shortfall lies in its drivers
  sd double precision not null check (sd > 0),
  n bigint not null check (n >= 0),       -- outcomes of this tier, and experiments
  updated_at timestamptz not null default now(),
  primary key (tenant_id, playbook_key, tier)
);
alter table coach_belief enable row level security;
alter table coach_belief force row level security;
create policy tenant_only on coach_belief
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update, delete on coach_belief to ehub_app;
