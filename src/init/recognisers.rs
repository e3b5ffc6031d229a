//! Which metrics are recognised, and what is asked about each: data only. The first row that fits a metric claims it.
//!
//! Types are taken from names: metadata is empty on servers whose samples were back-filled or written remotely.

/// How a metric is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Exactly so.
    Is(&'static str),
    /// With this beginning and this end.
    Between(&'static str, &'static str),
    /// With one of these ends.
    Ends(&'static [&'static str]),
}

/// What a metric is a sign of, and how that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It counts events; those that the first matcher selects as well are errors. Only series of the second count, where there is one.
    Errors {
        /// Which are errors.
        bad: &'static str,
        /// Which are counted at all.
        only: Option<&'static str>,
    },
    /// It counts events, and one of these labels holds a status of three digits; those of 5xx are errors.
    Coded,
    /// It counts failed events, and another metric of the same stem counts all.
    Failed,
    /// It is a histogram of times: their 95th percentile. Only series of the matcher count, where there is one.
    Times {
        /// Which are counted at all.
        only: Option<&'static str>,
    },
    /// It is a sum of times, and there is no histogram beside it: their mean.
    MeanTimes,
    /// It is the time of the last event: how long ago that was.
    LastSeen,
    /// It is shown only: how much it rose.
    Rises,
    /// It is shown only: how much it rises each second.
    RisesEachSecond,
    /// It is shown only: the sum of all series.
    Amount,
    /// It is shown only: the largest of all series.
    Largest,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recogniser {
    /// Whose metric it is, for people.
    pub of: &'static str,
    /// How it is called.
    pub name: Named,
    /// What it is a sign of.
    pub sign: Sign,
}

/// Labels that hold the status of an answer.
pub const CODES: [&str; 4] = ["code", "status", "status_code", "http_status"];
/// How the metric that counts all events ends where another one counts the failed ones.
pub const ALL_EVENTS: [&str; 2] = ["_requests_total", "_total"];
/// How metrics end that count failed events.
pub const FAILED: [&str; 3] = ["_errors_total", "_failures_total", "_exceptions_total"];
/// How a histogram's series end.
pub const BUCKET: &str = "_bucket";
/// How the number of a histogram's observations ends.
pub const COUNT: &str = "_count";
/// How the sum of a histogram's observations ends.
pub const SUM: &str = "_sum";

/// The answers of a gRPC server that are its own fault, as its interceptors count them.
const GRPC: &str = r#"grpc_code=~"Unknown|DeadlineExceeded|Internal|Unavailable|DataLoss|ResourceExhausted|Unimplemented""#;
/// Each request passes two proxies, and both count it.
const ISTIO: Option<&str> = Some(r#"reporter="destination""#);

const fn errors(of: &'static str, name: &'static str, bad: &'static str) -> Recogniser {
    Recogniser {
        of,
        name: Named::Is(name),
        sign: Sign::Errors { bad, only: None },
    }
}

const fn times(of: &'static str, name: &'static str) -> Recogniser {
    Recogniser {
        of,
        name: Named::Is(name),
        sign: Sign::Times { only: None },
    }
}

const fn shown(name: &'static str, sign: Sign) -> Recogniser {
    Recogniser {
        of: "resources",
        name: Named::Is(name),
        sign,
    }
}

/// The table.
pub const RECOGNISERS: [Recogniser; 26] = [
    errors(
        "OpenTelemetry HTTP server",
        "http_server_request_duration_seconds_count",
        r#"http_response_status_code=~"5..""#,
    ),
    times(
        "OpenTelemetry HTTP server",
        "http_server_request_duration_seconds_bucket",
    ),
    errors(
        "Spring (Micrometer)",
        "http_server_requests_seconds_count",
        r#"status=~"5..""#,
    ),
    times("Spring (Micrometer)", "http_server_requests_seconds_bucket"),
    Recogniser {
        of: "Spring (Micrometer)",
        name: Named::Is("http_server_requests_seconds_sum"),
        sign: Sign::MeanTimes,
    },
    Recogniser {
        of: "Istio",
        name: Named::Is("istio_requests_total"),
        sign: Sign::Errors {
            bad: r#"response_code=~"5..""#,
            only: ISTIO,
        },
    },
    Recogniser {
        of: "Istio",
        name: Named::Is("istio_request_duration_milliseconds_bucket"),
        sign: Sign::Times { only: ISTIO },
    },
    errors(
        "ingress-nginx",
        "nginx_ingress_controller_requests",
        r#"status=~"5..""#,
    ),
    times(
        "ingress-nginx",
        "nginx_ingress_controller_request_duration_seconds_bucket",
    ),
    errors(
        "Traefik",
        "traefik_service_requests_total",
        r#"code=~"5..""#,
    ),
    times("Traefik", "traefik_service_request_duration_seconds_bucket"),
    errors(
        "Envoy",
        "envoy_cluster_upstream_rq_xx",
        r#"envoy_response_code_class="5""#,
    ),
    // In milliseconds, whatever its name leaves out.
    times("Envoy", "envoy_cluster_upstream_rq_time_bucket"),
    Recogniser {
        of: "HAProxy",
        name: Named::Between("haproxy_", "_http_responses_total"),
        sign: Sign::Errors {
            bad: r#"code="5xx""#,
            only: None,
        },
    },
    errors("Linkerd", "response_total", r#"classification="failure""#),
    times("Linkerd", "response_latency_ms_bucket"),
    errors("gRPC server", "grpc_server_handled_total", GRPC),
    times("gRPC server", "grpc_server_handling_seconds_bucket"),
    Recogniser {
        of: "answers by status",
        name: Named::Ends(&["_total", COUNT]),
        sign: Sign::Coded,
    },
    Recogniser {
        of: "histogram",
        name: Named::Ends(&[BUCKET]),
        sign: Sign::Times { only: None },
    },
    Recogniser {
        of: "time of the last event",
        name: Named::Ends(&["_timestamp_seconds"]),
        sign: Sign::LastSeen,
    },
    Recogniser {
        of: "failed events",
        name: Named::Ends(&FAILED),
        sign: Sign::Failed,
    },
    shown("kube_pod_container_status_restarts_total", Sign::Rises),
    shown("process_cpu_seconds_total", Sign::RisesEachSecond),
    shown("container_memory_working_set_bytes", Sign::Amount),
    shown("kafka_consumergroup_lag", Sign::Largest),
];

impl Named {
    /// Whether a metric is called so.
    #[must_use]
    pub fn fits(self, metric: &str) -> bool {
        match self {
            Self::Is(name) => metric == name,
            Self::Between(start, end) => metric
                .strip_prefix(start)
                .is_some_and(|rest| rest.ends_with(end)),
            Self::Ends(ends) => ends.iter().any(|end| {
                metric
                    .strip_suffix(end)
                    .is_some_and(|stem| !stem.is_empty())
            }),
        }
    }
}

impl Sign {
    /// Whether it is shown only, and decides nothing.
    #[must_use]
    pub fn is_shown_only(self) -> bool {
        match self {
            Self::Rises | Self::RisesEachSecond | Self::Amount | Self::Largest => true,
            Self::Errors { .. }
            | Self::Coded
            | Self::Failed
            | Self::Times { .. }
            | Self::MeanTimes
            | Self::LastSeen => false,
        }
    }
}
