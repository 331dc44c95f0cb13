-- Secrets are sealed again when the key changes; a deleted integration keeps none.
grant update on installation to {{app}};
update integrations set credentials = '', webhook_secrets = '[]' where state = 'deleted';
