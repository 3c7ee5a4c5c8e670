-- Who is in which experiment, and what each agent is held back from.
create table experiment_arm (
  location_id uuid not null,
  experiment_id uuid not null,
  agent_id uuid not null,
  tenant_id uuid not null,
  stratum text not null,  -- "0": office and tier of closings, numbered
  arm int not null check (arm >= 0), -- 0: the hold-out; else the wave
  keys jsonb not null,    -- of the experiment: what the agent is held back from
  opens_on date,          -- from then on it may get them; null: never
  closed boolean not null default false, -- the experiment has ended: nobody is held back
  primary key (location_id, experiment_id, agent_id)
);
create index experiment_arm_open on experiment_arm (tenant_id, agent_id) where not closed;
alter table experiment_arm enable row level security;
alter table experiment_arm force row level security;
create policy tenant_only on experiment_arm
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update, delete on experiment_arm to ehub_app;
