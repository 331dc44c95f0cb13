-- Conflicts are found, counted and settled by their cause.
alter table conflicts add column cause text not null default 'changed-on-both-sides';
alter table conflicts alter column cause drop default;
create index conflicts_by_cause on conflicts (tenant_id, integration_id, state, field, cause);
