-- Problems are counted by their code. It cannot be taken out of the document: PostgreSQL refuses to look into one that
-- holds \u0000, and what a tracker answers may.
alter table links add column error_code text;
create index links_by_error on links (tenant_id, integration_id, error_code) where failures > 0 and state <> 'detached';
