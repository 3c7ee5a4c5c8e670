-- What a return is reckoned with: settings of a brokerage. Null: not set, and then nothing is guessed. The currency is tenant's.
create table tenant_money (
  tenant_id uuid primary key references tenant (id),
  fiscal_start int check (fiscal_start between 1 and 12),     -- the month in which the fiscal year begins
  split double precision check (split between 0 and 1),       -- share of a commission that stays with the brokerage
  commission_cents bigint check (commission_cents >= 0),      -- of a closing; null: the mean of the closings
  coach_hour_cents bigint check (coach_hour_cents >= 0),
  agent_hour_cents bigint check (agent_hour_cents >= 0),
  coach_hours double precision check (coach_hours >= 0),      -- of the coach for one coaching that was delivered
  agent_hours double precision check (agent_hours >= 0),      -- of the agent for it
  licence_cents bigint check (licence_cents >= 0),            -- for an agent and month
  updated_at timestamptz not null default now()
);

alter table tenant_money enable row level security;
alter table tenant_money force row level security;
create policy tenant_only on tenant_money
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update, delete on tenant_money to ehub_app;
