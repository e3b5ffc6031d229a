//! Each row of the table of metrics: the queries that it gives, byte for byte; and which row a metric goes to that fits two.

use std::fs;

use crate::support::program::Workplace;

use super::metrics::{Measured, held, server};
use super::{init, with};

/// Series that a server holds, and lines that the plan then has.
const ROWS: [(&str, &[&str], &[&str]); 19] = [
    (
        "OpenTelemetry",
        &[
            "http_server_request_duration_seconds_count{job=shop-api,http_response_status_code=500}",
            "http_server_request_duration_seconds_bucket{job=shop-api,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(http_server_request_duration_seconds_count{job="shop-api",http_response_status_code=~"5.."}[$step]))'"#,
            r#"total: 'sum(rate(http_server_request_duration_seconds_count{job="shop-api"}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket{job="shop-api"}[$step])))'"#,
            "unit: seconds",
        ],
    ),
    (
        "Spring with a histogram",
        &[
            "http_server_requests_seconds_count{job=shop-api,status=200}",
            "http_server_requests_seconds_sum{job=shop-api,status=200}",
            "http_server_requests_seconds_bucket{job=shop-api,status=200,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(http_server_requests_seconds_count{job="shop-api",status=~"5.."}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(http_server_requests_seconds_bucket{job="shop-api"}[$step])))'"#,
        ],
    ),
    (
        "Spring without one",
        &[
            "http_server_requests_seconds_count{job=shop-api,status=200}",
            "http_server_requests_seconds_sum{job=shop-api,status=200}",
        ],
        &[
            "latency_mean:",
            r#"query: 'sum(rate(http_server_requests_seconds_sum{job="shop-api"}[$step])) / sum(rate(http_server_requests_seconds_count{job="shop-api"}[$step]))'"#,
        ],
    ),
    (
        "Istio",
        &[
            "istio_requests_total{job=shop-api,reporter=destination,response_code=200}",
            "istio_request_duration_milliseconds_bucket{job=shop-api,reporter=destination,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(istio_requests_total{job="shop-api",reporter="destination",response_code=~"5.."}[$step]))'"#,
            r#"total: 'sum(rate(istio_requests_total{job="shop-api",reporter="destination"}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(istio_request_duration_milliseconds_bucket{job="shop-api",reporter="destination"}[$step])))'"#,
            "unit: milliseconds",
        ],
    ),
    (
        "ingress-nginx",
        &[
            "nginx_ingress_controller_requests{job=shop-api,status=200}",
            "nginx_ingress_controller_request_duration_seconds_bucket{job=shop-api,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(nginx_ingress_controller_requests{job="shop-api",status=~"5.."}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(nginx_ingress_controller_request_duration_seconds_bucket{job="shop-api"}[$step])))'"#,
        ],
    ),
    (
        "Traefik",
        &[
            "traefik_service_requests_total{job=shop-api,code=200}",
            "traefik_service_request_duration_seconds_bucket{job=shop-api,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(traefik_service_requests_total{job="shop-api",code=~"5.."}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(traefik_service_request_duration_seconds_bucket{job="shop-api"}[$step])))'"#,
        ],
    ),
    (
        "Envoy",
        &[
            "envoy_cluster_upstream_rq_xx{job=shop-api,envoy_response_code_class=2}",
            "envoy_cluster_upstream_rq_time_bucket{job=shop-api,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(envoy_cluster_upstream_rq_xx{job="shop-api",envoy_response_code_class="5"}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(envoy_cluster_upstream_rq_time_bucket{job="shop-api"}[$step])))'"#,
            "unit: milliseconds",
        ],
    ),
    (
        "HAProxy",
        &["haproxy_backend_http_responses_total{job=shop-api,code=2xx}"],
        &[
            r#"errors: 'sum(rate(haproxy_backend_http_responses_total{job="shop-api",code="5xx"}[$step]))'"#,
        ],
    ),
    (
        "Linkerd",
        &[
            "response_total{job=shop-api,classification=success}",
            "response_latency_ms_bucket{job=shop-api,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(response_total{job="shop-api",classification="failure"}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(response_latency_ms_bucket{job="shop-api"}[$step])))'"#,
            "unit: milliseconds",
        ],
    ),
    (
        "gRPC",
        &[
            "grpc_server_handled_total{job=shop-api,grpc_code=OK}",
            "grpc_server_handling_seconds_bucket{job=shop-api,le=1}",
        ],
        &[
            r#"errors: 'sum(rate(grpc_server_handled_total{job="shop-api",grpc_code=~"Unknown|DeadlineExceeded|Internal|Unavailable|DataLoss|ResourceExhausted|Unimplemented"}[$step]))'"#,
            r#"total: 'sum(rate(grpc_server_handled_total{job="shop-api"}[$step]))'"#,
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(grpc_server_handling_seconds_bucket{job="shop-api"}[$step])))'"#,
        ],
    ),
    (
        "answers by status",
        &["orders_total{job=shop-api,http_status=200}"],
        &[
            r#"errors: 'sum(rate(orders_total{job="shop-api",http_status=~"5.."}[$step]))'"#,
            r#"total: 'sum(rate(orders_total{job="shop-api"}[$step]))'"#,
            "unit: ratio",
        ],
    ),
    (
        "any histogram of seconds",
        &["order_to_ship_seconds_bucket{job=shop-api,le=1}"],
        &[
            "order_to_ship_p95:",
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(order_to_ship_seconds_bucket{job="shop-api"}[$step])))'"#,
            "unit: seconds",
        ],
    ),
    (
        "any histogram of bytes",
        &["answer_size_bytes_bucket{job=shop-api,le=1}"],
        &[
            "answer_size_p95:",
            r#"query: 'histogram_quantile(0.95, sum by (le) (rate(answer_size_bytes_bucket{job="shop-api"}[$step])))'"#,
            "unit: bytes",
        ],
    ),
    (
        "the time of the last event",
        &["webhook_last_received_timestamp_seconds{job=shop-api}"],
        &[
            "webhook_age:",
            r#"query: 'max_over_time((time() - max(webhook_last_received_timestamp_seconds{job="shop-api"}))[$step:15s])'"#,
            "unit: seconds",
        ],
    ),
    (
        "failed events",
        &[
            "mails_errors_total{job=shop-api}",
            "mails_total{job=shop-api}",
        ],
        &[
            r#"errors: 'sum(rate(mails_errors_total{job="shop-api"}[$step]))'"#,
            r#"total: 'sum(rate(mails_total{job="shop-api"}[$step]))'"#,
        ],
    ),
    (
        "restarts",
        &[
            ORDERS,
            "kube_pod_container_status_restarts_total{job=shop-api}",
        ],
        &[
            r#"query: 'sum(increase(kube_pod_container_status_restarts_total{job="shop-api"}[$step]))'"#,
        ],
    ),
    (
        "processors",
        &[ORDERS, "process_cpu_seconds_total{job=shop-api}"],
        &[r#"query: 'sum(rate(process_cpu_seconds_total{job="shop-api"}[$step]))'"#],
    ),
    (
        "memory",
        &[ORDERS, "container_memory_working_set_bytes{job=shop-api}"],
        &[
            r#"query: 'max_over_time((sum(container_memory_working_set_bytes{job="shop-api"}))[$step:15s])'"#,
        ],
    ),
    (
        "what consumers lag behind",
        &[ORDERS, "kafka_consumergroup_lag{job=shop-api}"],
        &[r#"query: 'max_over_time((max(kafka_consumergroup_lag{job="shop-api"}))[$step:15s])'"#],
    ),
];

/// Something that decides, beside what is shown only.
const ORDERS: &str = "orders_total{job=shop-api,code=200}";

fn plan_of(series: &[&str]) -> String {
    let source = server(
        series.iter().map(|one| held(one)).collect(),
        Measured::default(),
    );
    let workplace = Workplace::new();
    let run = init(
        &workplace,
        source.url(),
        &with(&["--template", "minimal", "--no-history"]),
    );
    run.says(0, "valid, every query answered");
    fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan")
}

#[test]
fn each_row_of_the_table_gives_its_queries_byte_for_byte() {
    for (row, series, lines) in ROWS {
        let plan = plan_of(series);
        for line in lines {
            let has = plan.lines().any(|one| one.trim() == *line);
            assert!(has, "{row}: {line}\n{plan}");
        }
    }
}

#[test]
fn a_metric_that_fits_two_rows_goes_to_the_first() {
    // Also answers by status, and any histogram.
    let plan = plan_of(&[
        "http_server_requests_seconds_count{job=shop-api,status=200}",
        "http_server_requests_seconds_bucket{job=shop-api,status=200,le=1}",
    ]);
    assert_eq!(plan.matches("title:").count(), 2, "{plan}");
    assert!(
        plan.contains("title: \"Errors (Spring (Micrometer))\""),
        "{plan}"
    );
    // Also failed events: those without a status count.
    let plan = plan_of(&[
        "mails_errors_total{job=shop-api,code=500}",
        "mails_total{job=shop-api,code=200}",
    ]);
    assert!(
        plan.contains("mails_errors_total{job=\"shop-api\",code=~\"5..\"}"),
        "{plan}"
    );
}

#[test]
fn a_status_that_is_no_number_is_no_status() {
    let series = [
        "orders_total{job=shop-api,code=200}",
        "orders_total{job=shop-api,code=late}",
    ];
    let source = server(
        series.iter().map(|one| held(one)).collect(),
        Measured::default(),
    );
    let workplace = Workplace::new();
    let run = init(&workplace, source.url(), &with(&["--template", "minimal"]));
    run.says(
        3,
        "orders_total: code=\"late\" is no status of three digits",
    );
}
