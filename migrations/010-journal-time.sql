-- By the database's clock, which all processes share: `at` is by that of whoever wrote.
alter table journal add column written_at timestamptz not null default now();
