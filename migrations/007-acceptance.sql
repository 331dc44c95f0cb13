-- When an accepted or transferred risk is to be decided about anew.
alter table threats add column acceptance_ends_at timestamptz;
create index threats_by_acceptance on threats (tenant_id, acceptance_ends_at) where acceptance_ends_at is not null;
