-- What personal data was found in whose text, where it came in, by which rule, and what was done: counts by the hour, never
-- a value. What belongs to no tenant (the server's own log lines) has the id of all ones, so that no row shows without a tenant.
create table pii_finding (
  tenant_id uuid not null,
  hour timestamptz not null,
  source text not null,  -- "api POST /v1/tokens", "import activities", "log"
  purpose text not null, -- store, log, model, export
  type text not null,    -- "EMAIL_ADDRESS"
  rule text not null,    -- "email"
  action text not null,  -- "redact"
  n bigint not null check (n > 0),
  primary key (tenant_id, hour, source, purpose, type, rule, action)
);
alter table pii_finding enable row level security;
alter table pii_finding force row level security;
create policy tenant_only on pii_finding
  using (tenant_id = (select ehub_tenant())) with check (tenant_id = (select ehub_tenant()));
grant select, insert, update on pii_finding to ehub_app;
