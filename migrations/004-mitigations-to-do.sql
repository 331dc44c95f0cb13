-- Keys of the mitigations of a threat that are still to be done, those that other threats share apart: what has no issue yet
-- is found without reading a document.
alter table threats add column to_do text[] not null default '{}';
alter table threats add column to_do_shared text[] not null default '{}';

update threats set
  to_do = array(
    select each ->> 'key' from json_array_elements(doc -> 'mitigations') as each
    where each ->> 'status' in ('proposed', 'in-progress', 'unknown') and each ->> 'shared' = 'false'),
  to_do_shared = array(
    select each ->> 'key' from json_array_elements(doc -> 'mitigations') as each
    where each ->> 'status' in ('proposed', 'in-progress', 'unknown') and each ->> 'shared' = 'true');
