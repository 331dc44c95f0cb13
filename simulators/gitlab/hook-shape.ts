import { alertStatus, isDisabled } from './hook-health.ts';
import type { Hook, HookEvent, State } from './state.ts';
import { isSince } from './state.ts';

/** A webhook as the API shows it; its tokens are never shown, and that there is one only since 19.0. */
export function hookShape(state: State, hook: Hook): Record<string, unknown> {
  return {
    id: hook.id,
    url: hook.url,
    name: hook.name,
    description: hook.description,
    created_at: hook.createdAt,
    project_id: hook.project.id,
    ...hook.events,
    repository_update_events: false,
    enable_ssl_verification: hook.enableSslVerification,
    alert_status: alertStatus(state, hook),
    disabled_until: isDisabled(state, hook) ? hook.disabledUntil : null,
    url_variables: [],
    push_events_branch_filter: null,
    branch_filter_strategy: 'wildcard',
    custom_webhook_template: null,
    custom_headers: hook.customHeaders.map(({ key }) => ({ key })),
    ...(isSince(state, 19, 0)
      ? { token_present: hook.token !== null, signing_token_present: hook.signingToken !== null }
      : {}),
  };
}

/** One entry of a hook's log; secrets are blotted out. */
export function hookEventShape(event: HookEvent): Record<string, unknown> {
  const secret = 'x-gitlab-token';
  const headers = Object.entries(event.requestHeaders).map(([name, value]) => [
    name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()),
    name === secret ? '[REDACTED]' : value,
  ]);
  const data: unknown = JSON.parse(event.body);
  return {
    id: event.id,
    url: event.url,
    trigger: event.trigger,
    request_headers: Object.fromEntries(headers),
    request_data: data,
    response_headers: event.responseHeaders,
    response_body: event.responseBody,
    execution_duration: event.durationSeconds,
    response_status: event.statusCode === 0 ? 'internal error' : String(event.statusCode),
  };
}
