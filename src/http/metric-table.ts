// The one table of metrics: their names, and what /metrics says of each. The alerts are written with it.

const texts = {
  process_start_time_seconds: 'Start time since the epoch.',
  process_cpu_seconds_total: 'CPU time used since the start.',
  process_resident_memory_bytes: 'Resident memory.',
  nodejs_heap_used_bytes: 'JavaScript heap in use.',
  nodejs_eventloop_active_seconds_total: 'Time the event loop was busy.',
  nodejs_eventloop_idle_seconds_total: 'Time the event loop waited.',
  store_waiting_documents: 'Documents that wait to be written.',
  store_backup_timestamp_seconds:
    'Time of the last verified backup since the epoch, 0 if there is none.',
  http_requests_total: 'Requests by route and status.',
  http_request_duration_seconds: 'From the request’s head to the end of its answer.',
  http_requests_in_flight: 'Requests being answered.',
  http_requests_waiting: 'Requests that have not begun, because others have their turn.',
  http_answers_waiting_bytes: 'Large answers that their clients have not taken yet.',
  http_bodies_bytes: 'Memory of request bodies, and of what is made of them.',
  http_answers_cut_total:
    'Answers cut because their clients took nothing and others needed the memory.',
  http_draining: 'Whether the shutdown has begun.',
  http_connections: 'Open client connections.',
}

export type MetricName = keyof typeof texts

/** The first two arguments of what makes a metric: its name and its help. */
export const nameAndHelp = (name: MetricName): [MetricName, string] => [name, texts[name]]
