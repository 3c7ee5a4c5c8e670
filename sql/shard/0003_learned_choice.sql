-- How a suggestion was chosen, and what came of those that somebody decided on.
alter table intervention
  add column policy text check (policy in ('thompson')), -- null: by the playbook's priors
  add column propensity double precision check (propensity > 0 and propensity <= 1), -- of rank 1: its chance to be chosen
  add column choice jsonb; -- of rank 1: {"tier","margin","open":[{"key","share","most","prior","mean","p"}]}

-- One row for each decision, made once, 28 days after its prediction. Nulls: could not be measured, and never will.
create table coach_outcome (
  location_id uuid not null,
  intervention_id uuid not null,
  tenant_id uuid not null,
  agent_id uuid not null,
  playbook_key text not null,        -- what was sent, or suggested when it was refused
  sent boolean not null,
  as_of date not null,               -- of the prediction before
  until date,                        -- of the prediction after
  tier text check (tier in ('new', 'low', 'middle', 'top')),
  share double precision,            -- of the agent's shortfall that lies in its drivers
  change double precision,           -- of the drivers' contributions, over what comparable agents did; log-odds
  variance double precision,         -- of change, for one agent
  gain double precision,             -- of the chance to reach the goal, over what comparable agents did
  compared int not null,             -- with so many agents
  primary key (location_id, intervention_id)
);
create index coach_outcome_agent on coach_outcome (agent_id, as_of);
create index coach_outcome_tenant on coach_outcome (tenant_id);
alter table coach_outcome enable row level security;
alter table coach_outcome force row level security;
create policy tenant_only on coach_outcome
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update, delete on coach_outcome to ehub_app;
