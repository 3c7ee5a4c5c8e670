-- Effects of coaching as the last update found them: one row for each question and tier, also where the data give no answer.
create table effect_estimate (
  tenant_id uuid not null references tenant (id),
  scope text not null check (scope in ('all', 'intervention', 'programme', 'coach', 'office')),
  name text not null check (length(name) between 1 and 200), -- all; key of the playbook; name of the experiment that is the
                                  -- programme; id of a user, or the coach's name in the CRM; id of the office
  outcome text not null check (outcome in ('closings', 'commission')), -- commission in whole units of the currency
  tier smallint not null check (tier between -1 and 2), -- -1: all agents; 0 fewest .. 2 most closings in 180 days before
  source text not null check (source in ('experiment', 'history')),
  method text,                    -- "staggered-did"
  estimand text check (estimand in ('ate', 'att')),
  estimate double precision,      -- of an agent in per_days
  se double precision,
  ci_low double precision,        -- of 95 %; of a running experiment: holds at every look, and there is no p
  ci_high double precision,
  p double precision,
  control_mean double precision,  -- of an agent without it, in per_days; null: not known
  n_treated int not null,
  n_control int not null,
  per_days int not null check (per_days > 0),
  first_day date,                 -- of the data that it rests on; null: there are none
  last_day date,
  refusal text,                   -- why there is no answer; then there are no numbers
  detail jsonb not null,          -- {"event_study", "balance", "diagnostics", "warnings", "naive", "assumptions", "method_text"}
  label text not null check (label in ('measured', 'simulated')),
  made_at timestamptz not null,
  primary key (tenant_id, scope, name, outcome, tier),
  check (first_day <= last_day),
  check ((refusal is null) = (estimate is not null and se is not null and ci_low is not null and ci_high is not null))
);

alter table effect_estimate enable row level security;
alter table effect_estimate force row level security;
create policy tenant_only on effect_estimate
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update, delete on effect_estimate to ehub_app;
