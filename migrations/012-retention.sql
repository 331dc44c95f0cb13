-- What is settled goes some time later: ops whose outcome is known, conflicts that were decided or went away.
alter table conflicts add column settled_at timestamptz;
update conflicts set settled_at = now() where state <> 'open';
create index conflicts_settled on conflicts (tenant_id, settled_at) where state <> 'open';
create index ops_settled on ops (tenant_id, created_at) where state <> 'open';
