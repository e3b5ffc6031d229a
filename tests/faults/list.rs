//! What can happen to a healthy answer in transit, and whether what is left of it still earns a GO.
//!
//! Must not know how a verdict is reached.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::faulty::{answer, json as success};

/// Sends something in place of a healthy body.
type Send = Box<dyn Fn(&str, &mut TcpStream) + std::marker::Send + Sync>;

/// One fault.
pub struct Fault {
    /// What is corrupted: bodies, points, framing, ….
    pub family: &'static str,
    /// What the server did.
    pub name: String,
    /// Whether what arrives still shows what the plan asks for.
    pub earns: bool,
    pub send: Send,
}

/// Faults as they are listed, family by family.
#[derive(Default)]
pub struct List {
    /// Of those that follow.
    pub family: &'static str,
    faults: Vec<Fault>,
}

impl List {
    pub fn raw(
        &mut self,
        name: &str,
        earns: bool,
        send: impl Fn(&str, &mut TcpStream) + std::marker::Send + Sync + 'static,
    ) {
        self.faults.push(Fault {
            family: self.family,
            name: name.to_owned(),
            earns,
            send: Box::new(send),
        });
    }

    fn bytes(
        &mut self,
        name: &str,
        earns: bool,
        make: impl Fn(&str) -> Vec<u8> + std::marker::Send + Sync + 'static,
    ) {
        self.raw(name, earns, move |body, stream| {
            let _ = stream.write_all(&make(body));
        });
    }

    pub fn body(
        &mut self,
        name: &str,
        earns: bool,
        make: impl Fn(&str) -> String + std::marker::Send + Sync + 'static,
    ) {
        self.bytes(name, earns, move |body| success(&make(body)));
    }

    fn edit(
        &mut self,
        name: &str,
        earns: bool,
        change: impl Fn(&mut Value) + std::marker::Send + Sync + 'static,
    ) {
        self.body(name, earns, move |body| {
            let mut value: Value = serde_json::from_str(body).expect("a healthy answer");
            change(&mut value);
            value.to_string()
        });
    }

    /// Changes the points of the first series.
    fn points(
        &mut self,
        name: &str,
        earns: bool,
        change: impl Fn(&mut Vec<Value>) + std::marker::Send + Sync + 'static,
    ) {
        self.edit(name, earns, move |value| {
            let points = value["data"]["result"][0]["values"].as_array_mut();
            change(points.expect("points"));
        });
    }

    /// Changes the series.
    fn series(
        &mut self,
        name: &str,
        earns: bool,
        change: impl Fn(&mut Vec<Value>) + std::marker::Send + Sync + 'static,
    ) {
        self.edit(name, earns, move |value| {
            change(value["data"]["result"].as_array_mut().expect("series"));
        });
    }

    /// Replaces one value in the middle.
    fn value(&mut self, name: &str, earns: bool, text: Value) {
        self.points(name, earns, move |points| points[9][1] = text.clone());
    }

    /// Answers with this status and body.
    fn status(&mut self, name: &str, status: &'static str, body: &'static str) {
        self.bytes(name, false, move |_| {
            answer(status, "application/json", body)
        });
    }
}

/// Moves every point of every series.
fn moved(value: &mut Value, by: impl Fn(f64) -> Value) {
    for series in value["data"]["result"].as_array_mut().expect("series") {
        for point in series["values"].as_array_mut().expect("points") {
            point[0] = by(point[0].as_f64().expect("a time"));
        }
    }
}

/// The head of an answer that ends with its connection, unless the fields say otherwise.
pub fn head(fields: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n{fields}\r\n"
    )
}

/// An answer with further fields in its head.
pub fn framed(fields: &str, body: &[u8]) -> Vec<u8> {
    [head(fields).as_bytes(), body].concat()
}

/// A packed body.
pub fn gzip(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_bytes()).expect("gzip");
    encoder.finish().expect("gzip")
}

/// An answer that says it is packed.
pub fn gzipped(body: &[u8]) -> Vec<u8> {
    framed(
        &format!(
            "Content-Encoding: gzip\r\nContent-Length: {}\r\n",
            body.len()
        ),
        body,
    )
}

/// A body in two chunks, and what follows them.
pub fn chunked(body: &str, end: &str) -> Vec<u8> {
    let (first, second) = body.split_at(body.floor_char_boundary(body.len() / 2));
    let chunks = format!(
        "{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n{end}",
        first.len(),
        second.len()
    );
    framed("Transfer-Encoding: chunked\r\n", chunks.as_bytes())
}

fn redirect(status: &str, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

/// Every fault that is quick to send.
pub fn all(elsewhere: &str) -> Vec<Fault> {
    let mut list = List {
        family: "none",
        ..List::default()
    };
    list.body("healthy", true, str::to_owned);
    bodies(&mut list);
    envelopes(&mut list);
    series(&mut list);
    points(&mut list);
    values(&mut list);
    framing(&mut list);
    statuses(&mut list, elsewhere);
    healing(&mut list);
    slow(&mut list);
    list.faults
}

/// Every flood.
pub fn floods() -> Vec<Fault> {
    let mut list = List::default();
    super::floods::add(&mut list);
    list.faults
}

fn bodies(list: &mut List) {
    list.family = "bodies";
    list.body("empty body", false, |_| String::new());
    list.body("blanks", false, |_| " \n ".to_owned());
    list.body("null", false, |_| "null".to_owned());
    list.body("empty object", false, |_| "{}".to_owned());
    list.body("in a list", false, |body| format!("[{body}]"));
    list.body("as a text", false, |body| Value::from(body).to_string());
    list.body("something behind", false, |body| format!("{body}x"));
    list.body("twice in a row", false, |body| format!("{body}{body}"));
    list.body("a byte order mark", false, |body| format!("\u{feff}{body}"));
    list.body("single quotes", false, |body| body.replace('"', "'"));
    list.body("a comma too many", false, |body| body.replace("]]", "],]"));
    list.body("nested deeply", false, |body| {
        format!(
            "{{\"x\":{}{}, {}",
            "[".repeat(5000),
            "]".repeat(5000),
            &body[1..]
        )
    });
    list.body("without its end", false, |body| {
        body[..body.len() - 1].to_owned()
    });
    list.bytes("a login page", false, |_| {
        answer("200 OK", "text/html", "<html><title>Sign in</title>")
    });
    list.bytes("a login page as JSON", false, |_| {
        success("<html><title>Sign in</title>")
    });
    list.bytes("healthy but a page", false, |body| {
        answer("200 OK", "text/html; charset=utf-8", body)
    });
    list.bytes("plain words", false, |_| {
        answer("200 OK", "text/plain", "ok")
    });
    list.bytes("no UTF-8", false, |body| {
        let body: Vec<u8> = body
            .bytes()
            .map(|byte| if byte == b'B' { 0xff } else { byte })
            .collect();
        framed(&format!("Content-Length: {}\r\n", body.len()), &body)
    });
}

fn envelopes(list: &mut List) {
    list.family = "envelopes";
    list.edit("no status", false, |value| {
        value.as_object_mut().expect("object").remove("status");
    });
    list.edit("no data", false, |value| {
        value.as_object_mut().expect("object").remove("data");
    });
    list.edit("null data", false, |value| value["data"] = Value::Null);
    list.edit("null result", false, |value| {
        value["data"]["result"] = Value::Null;
    });
    list.edit("empty result", false, |value| {
        value["data"]["result"] = json!([]);
    });
    list.edit("an object as result", false, |value| {
        value["data"]["result"] = json!({});
    });
    for kind in ["vector", "scalar", "string", "streams", ""] {
        list.edit(&format!("declared a {kind}"), false, move |value| {
            value["data"]["resultType"] = kind.into();
        });
    }
    list.edit("no type", false, |value| {
        value["data"]
            .as_object_mut()
            .expect("object")
            .remove("resultType");
    });
    list.edit("status error", false, |value| {
        value["status"] = "error".into();
    });
    list.edit("status unknown", false, |value| {
        value["status"] = "partial".into();
    });
    list.edit("an error beside a success", false, |value| {
        value["errorType"] = "execution".into();
        value["error"] = "expanding series: context canceled".into();
    });
    list.edit("a warning", false, |value| {
        value["warnings"] = json!(["results may be incomplete"]);
    });
    list.edit("an empty warning", false, |value| {
        value["warnings"] = json!([""]);
    });
    list.edit("a warning as a text", false, |value| {
        value["warnings"] = "incomplete".into();
    });
    list.edit("a warning as an object", false, |value| {
        value["warnings"] = json!({"a": "b"});
    });
    list.edit("partial", false, |value| value["isPartial"] = true.into());
    list.edit("partial as a number", false, |value| {
        value["isPartial"] = 1.into();
    });
    list.edit("partial as a text", false, |value| {
        value["isPartial"] = "true".into();
    });
    list.edit("no warnings", true, |value| value["warnings"] = json!([]));
    list.edit("null warnings", true, |value| {
        value["warnings"] = Value::Null;
    });
    list.edit("an info", true, |value| {
        value["infos"] = json!(["PromQL info: metric might not be a counter"]);
    });
    list.edit("whole", true, |value| value["isPartial"] = false.into());
    list.body("status twice", false, |body| {
        body.replacen('{', "{\"status\":\"success\",", 1)
    });
    list.body("result twice", false, |body| {
        body.replacen("\"result\":", "\"result\":[],\"result\":", 1)
    });
    list.body("data twice", false, |body| {
        body.replacen("\"data\":", "\"data\":{},\"data\":", 1)
    });
    list.body("warnings, then none", false, |body| {
        body.replacen('{', "{\"warnings\":[\"cut\"],\"warnings\":[],", 1)
    });
    list.body("partial, then not", false, |body| {
        body.replacen('{', "{\"isPartial\":true,\"isPartial\":false,", 1)
    });
    list.body("warnings before", false, |body| {
        body.replacen('{', "{\"warnings\":[\"cut\"],", 1)
    });
    list.body("error with 200", false, |_| {
        r#"{"status":"error","errorType":"execution","error":"too many samples"}"#.to_owned()
    });
    list.body("time out with 200", false, |_| {
        r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#.to_owned()
    });
}

fn series(list: &mut List) {
    list.family = "series";
    list.series("series reversed", true, |series| series.reverse());
    list.series("a series dropped", false, |series| {
        series.remove(1);
    });
    list.series("a series twice", false, |series| {
        series.push(series[0].clone());
    });
    list.series("a series split in two", false, |series| {
        let mut half = series[0].clone();
        let points = series[0]["values"].as_array_mut().expect("points");
        half["values"] = points.split_off(10).into();
        series.push(half);
    });
    list.series("another site", false, |series| {
        series[1]["metric"]["site"] = "HAM3".into();
    });
    list.series("a further site", true, |series| {
        let mut more = series[0].clone();
        more["metric"]["site"] = "HAM3".into();
        series.push(more);
    });
    list.series("a further site that is bad", false, |series| {
        let mut more = series[0].clone();
        more["metric"]["site"] = "HAM3".into();
        more["values"][3][1] = "7".into();
        series.push(more);
    });
    list.series("no labels", false, |series| series[1]["metric"] = json!({}));
    list.series("null labels", false, |series| {
        series[1]["metric"] = Value::Null;
    });
    list.series("no metric", false, |series| {
        series[1].as_object_mut().expect("object").remove("metric");
    });
    list.series("an empty label", false, |series| {
        series[1]["metric"]["site"] = "".into();
    });
    list.series("a number as label", false, |series| {
        series[1]["metric"]["site"] = 7.into();
    });
    list.series("no points", false, |series| series[1]["values"] = json!([]));
    list.series("null points", false, |series| {
        series[1]["values"] = Value::Null;
    });
    list.series("no values", false, |series| {
        series[1].as_object_mut().expect("object").remove("values");
    });
    list.series("one value", false, |series| {
        let value = series[1]["values"][20].clone();
        series[1] = json!({"metric": series[1]["metric"], "value": value});
    });
    list.series("native histograms", false, |series| {
        series[1]["histograms"] =
            json!([[1_795_132_800, {"count": "1", "sum": "1", "buckets": []}]]);
    });
    list.series("a null series", false, |series| series.push(Value::Null));
    list.body("points twice", false, |body| {
        body.replacen("\"values\":", "\"values\":[],\"values\":", 1)
    });
}

fn points(list: &mut List) {
    list.family = "points";
    list.points("points reversed", true, |points| points.reverse());
    list.points("points shuffled", true, |points| {
        points.swap(2, 17);
        points.swap(5, 11);
    });
    list.points("a point missing", true, |points| {
        points.remove(7);
    });
    list.points("a point twice", false, |points| {
        points.insert(7, points[7].clone());
    });
    list.points("a point twice, far apart", false, |points| {
        points.push(points[3].clone());
    });
    list.points("a point twice with two values", false, |points| {
        let mut other = points[7].clone();
        other[1] = "0.9".into();
        points.insert(8, other);
    });
    list.points("all points twice", false, |points| {
        points.extend(points.clone());
    });
    list.points("too few points", false, |points| {
        points.drain(3..6);
    });
    list.points("every second point", false, |points| {
        let mut index = 0;
        points.retain(|_| {
            index += 1;
            index % 2 == 1
        });
    });
    list.points("the first half", false, |points| points.truncate(10));
    list.points("the last half", false, |points| {
        points.drain(..10);
    });
    list.points("old points only", false, |points| points.truncate(19));
    list.points("one point", false, |points| points.truncate(1));
    list.points("a bad point", false, |points| points[12][1] = "1.5".into());
    list.points("a triple", false, |points| {
        points[3] = json!([points[3][0], "0.25", "0.25"]);
    });
    list.points("a bare time", false, |points| {
        points[3] = json!([points[3][0]]);
    });
    list.points("an empty pair", false, |points| points[3] = json!([]));
    list.points("a null point", false, |points| points[3] = Value::Null);
    list.points("a time as text", false, |points| {
        points[3][0] = points[3][0].to_string().into();
    });
    list.points("a null time", false, |points| points[3][0] = Value::Null);
    list.edit("7 s late", false, |value| {
        moved(value, |time| (time + 7.0).into());
    });
    list.edit("1 ms late", false, |value| {
        moved(value, |time| (time + 0.001).into());
    });
    list.edit("an hour late", false, |value| {
        moved(value, |time| (time + 3600.0).into());
    });
    list.edit("an hour early", false, |value| {
        moved(value, |time| (time - 3600.0).into());
    });
    list.edit("milliseconds", false, |value| {
        moved(value, |time| (time * 1000.0).into());
    });
    list.edit("microseconds", false, |value| {
        moved(value, |time| (time * 1e6).into());
    });
    list.edit("before the epoch", false, |value| {
        moved(value, |time| (-time).into());
    });
    list.edit("at the epoch", false, |value| moved(value, |_| 0.into()));
    list.edit("at the end of time", false, |value| {
        moved(value, |_| u64::MAX.into());
    });
    list.edit("all at once", false, |value| {
        moved(value, |_| 1_795_132_800.into());
    });
}

fn values(list: &mut List) {
    list.family = "values";
    for text in [
        "abc", "", "0x1", " 0.25", "0.25 ", "0,25", "1e999", "-1e999", "nan", "Infinity", "0.25.1",
        "１", "null", "1_0",
    ] {
        list.value(&format!("the value `{text}`"), false, text.into());
    }
    list.value("a bare number", false, json!(0.25));
    list.value("a null value", false, Value::Null);
    list.value("a true value", false, true.into());
    list.value("a list as value", false, json!(["0.25"]));
    list.value(
        "more digits than a float has",
        true,
        "0.2500000000000000000000000000000001".into(),
    );
    list.value(
        "a very long number",
        true,
        format!("0.{}", "1".repeat(5000)).into(),
    );
    list.value("infinite", false, "+Inf".into());
    list.value("infinite without a sign", false, "Inf".into());
    list.value("minus infinite, which is below 1", true, "-Inf".into());
    list.value("a huge number", false, "1e308".into());
    list.value("one NaN", true, "NaN".into());
    list.points("three NaN", false, |points| {
        for point in &mut points[3..6] {
            point[1] = "NaN".into();
        }
    });
    list.points("NaN alone", false, |points| {
        for point in points {
            point[1] = "NaN".into();
        }
    });
    list.points("infinite alone", false, |points| {
        for point in points {
            point[1] = "+Inf".into();
        }
    });
}

fn framing(list: &mut List) {
    list.family = "framing";
    list.bytes("gzip", true, |body| gzipped(&gzip(body)));
    list.bytes("gzip, cut", false, |body| {
        let packed = gzip(body);
        gzipped(&packed[..packed.len() - 9])
    });
    list.bytes("gzip, with another answer behind it", false, |body| {
        gzipped(&[gzip(body), gzip(body)].concat())
    });
    list.bytes("gzip without its checksum", false, |body| {
        let packed = gzip(body);
        gzipped(&packed[..packed.len() - 8])
    });
    list.bytes("gzip with another checksum", false, |body| {
        let mut packed = gzip(body);
        let checksum = packed.len() - 6;
        packed[checksum] ^= 1;
        gzipped(&packed)
    });
    list.bytes("gzip with a flipped bit", false, |body| {
        let mut packed = gzip(body);
        let middle = packed.len() / 2;
        packed[middle] ^= 16;
        gzipped(&packed)
    });
    list.bytes("said to be gzip", false, |body| gzipped(body.as_bytes()));
    list.bytes("gzip unsaid", false, |body| {
        let packed = gzip(body);
        framed(&format!("Content-Length: {}\r\n", packed.len()), &packed)
    });
    list.bytes("chunks", true, |body| chunked(body, "0\r\n\r\n"));
    list.bytes("chunks without an end", false, |body| chunked(body, ""));
    list.bytes("chunks that end in the middle", false, |body| {
        chunked(&body[..body.len() / 2], "0\r\n\r\n")
    });
    list.bytes("chunks of no size", false, |body| chunked(body, "zz\r\n"));
    list.bytes("shorter than said", false, |body| {
        framed(
            &format!("Content-Length: {}\r\n", body.len() + 1),
            body.as_bytes(),
        )
    });
    list.bytes("longer than said", false, |body| {
        framed(
            &format!("Content-Length: {}\r\n", body.len() - 3),
            body.as_bytes(),
        )
    });
    list.bytes("no HTTP", false, |body| body.as_bytes().to_vec());
    list.bytes("half a head", false, |_| {
        b"HTTP/1.1 200 OK\r\nContent-Ty".to_vec()
    });
    list.bytes("a head alone", false, |_| {
        head("Content-Length: 900\r\n").into_bytes()
    });
    list.bytes("another length said twice", false, |body| {
        framed(
            &format!("Content-Length: {}\r\nContent-Length: 7\r\n", body.len()),
            body.as_bytes(),
        )
    });
    list.bytes("said to be packed, and is not", true, |body| {
        framed("Content-Encoding: br\r\n", body.as_bytes())
    });
    list.bytes("packed twice", false, |body| {
        let packed = gzip(&String::from_utf8_lossy(&gzip(body)));
        gzipped(&packed)
    });
    list.bytes("an answer behind one that is empty", false, |body| {
        let empty = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
        let kept = |body: &str| {
            let length = body.len();
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
        };
        (kept(empty) + &kept(body)).into_bytes()
    });
    list.bytes("interim answers first", true, |body| {
        let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(3);
        [interim.as_bytes(), &success(body)].concat()
    });
    list.raw("hung up", false, |_, stream| {
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
}

fn statuses(list: &mut List, elsewhere: &str) {
    list.family = "statuses";
    list.status(
        "400",
        "400 Bad Request",
        r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
    );
    list.status("401", "401 Unauthorized", "");
    list.status("403", "403 Forbidden", "");
    list.status("404", "404 Not Found", "404 page not found");
    list.status("405", "405 Method Not Allowed", "");
    list.status(
        "422",
        "422 Unprocessable Entity",
        r#"{"status":"error","errorType":"execution","error":"many-to-many"}"#,
    );
    list.status("429", "429 Too Many Requests", "");
    list.status("500", "500 Internal Server Error", "");
    list.status("502", "502 Bad Gateway", "<html>");
    list.status("503", "503 Service Unavailable", "");
    list.status("504", "504 Gateway Timeout", "");
    list.status("204", "204 No Content", "");
    for status in ["206 Partial Content", "203 Non-Authoritative Information"] {
        list.bytes(status, false, |_| {
            answer(
                "206 Partial Content",
                "application/json",
                r#"{"status":"success","da"#,
            )
        });
    }
    for status in [
        "400 Bad Request",
        "404 Not Found",
        "500 Internal Server Error",
        "503 Service Unavailable",
        "300 Multiple Choices",
    ] {
        list.bytes(&format!("healthy with {status}"), false, move |body| {
            answer(status, "application/json", body)
        });
    }
    list.bytes("wait an hour", false, |_| {
        b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
    });
    list.bytes("a loop", false, |_| redirect("302 Found", "query_range"));
    list.bytes("a loop that keeps the form", false, |_| {
        redirect("307 Temporary Redirect", "query_range")
    });
    list.bytes("a redirect to nowhere", false, |_| {
        redirect("302 Found", "")
    });
    list.bytes("a redirect to a closed port", false, |_| {
        redirect(
            "307 Temporary Redirect",
            "http://127.0.0.1:1/api/v1/query_range",
        )
    });
    list.bytes("a redirect to a file", false, |_| {
        redirect("302 Found", "file:///etc/hostname")
    });
    list.bytes("a redirect to a page", false, |_| {
        redirect("302 Found", "/login")
    });
    list.bytes("a redirect without the form", false, |_| {
        redirect("303 See Other", "/bare/api/v1/query_range")
    });
    let to = format!("{elsewhere}/healthy/api/v1/query_range");
    list.bytes("a redirect to another host that answers", true, move |_| {
        redirect("308 Permanent Redirect", &to)
    });
}

/// Fails the first of every two times.
fn healing(list: &mut List) {
    list.family = "healing";
    let mut heals = |name: &str, earns: bool, first: fn(&str) -> Vec<u8>| {
        let times = AtomicUsize::new(0);
        list.bytes(name, earns, move |body| {
            if times.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
                first(body)
            } else {
                success(body)
            }
        });
    };
    heals("503, then healthy", true, |_| {
        answer("503 Service Unavailable", "text/plain", "")
    });
    heals("500, then healthy", true, |_| {
        answer("500 Internal Server Error", "text/plain", "")
    });
    heals("429, then healthy", true, |_| {
        answer("429 Too Many Requests", "text/plain", "")
    });
    heals("429 with Retry-After: 0, then healthy", true, |_| {
        b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
    });
    heals("cut, then healthy", true, |body| {
        framed("Content-Length: 99999\r\n", body.as_bytes())
    });
    heals("garbled, then healthy", true, |_| success("{\"status\":"));
    heals("hung up, then healthy", true, |_| Vec::new());
    heals("refused, then healthy", false, |_| {
        let body = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
        answer("400 Bad Request", "application/json", body)
    });
    heals("a login page, then healthy", false, |_| {
        answer("200 OK", "text/html", "<html><title>Sign in</title>")
    });
    heals("a warning, then healthy", false, |body| {
        success(&body.replacen('{', "{\"warnings\":[\"cut\"],", 1))
    });
    heals("empty, then healthy", false, |_| {
        success(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
    });
}

fn slow(list: &mut List) {
    list.family = "slow";
    list.raw("silent", false, |_, _| sleep(Duration::from_secs(8)));
    list.raw("a slow first byte", true, |body, stream| {
        sleep(Duration::from_millis(400));
        let _ = stream.write_all(&success(body));
    });
    list.raw("a body after a pause", true, |body, stream| {
        let _ = stream.write_all(head("").as_bytes());
        sleep(Duration::from_millis(400));
        let _ = stream.write_all(body.as_bytes());
    });
    list.raw("dripping", false, |body, stream| {
        drip(stream, &success(body));
    });
    list.raw("a head that drips", false, |_, stream| {
        drip(stream, head("").repeat(9).as_bytes());
    });
    list.raw("blanks without end", false, |_, stream| {
        endless(stream, &head(""), " ");
    });
    list.raw("a list without end", false, |_, stream| {
        endless(stream, &(head("") + r#"{"status":"success","x":["#), "1,");
    });
    list.raw("a text without end", false, |_, stream| {
        endless(stream, &(head("") + r#"{"status":""#), "x");
    });
    list.raw("stuck before its end", false, |body, stream| {
        let _ = stream.write_all(&framed("", &body.as_bytes()[..body.len() - 2]));
        sleep(Duration::from_secs(8));
    });
    list.raw("stuck after its end", false, |body, stream| {
        let _ = stream.write_all(&framed("", body.as_bytes()));
        sleep(Duration::from_secs(8));
    });
}

fn drip(stream: &mut TcpStream, bytes: &[u8]) {
    for byte in bytes {
        if stream.write_all(&[*byte]).is_err() {
            return;
        }
        sleep(Duration::from_millis(50));
    }
}

fn endless(stream: &mut TcpStream, start: &str, piece: &str) {
    let piece = piece.repeat(1024);
    let mut sent = stream.write_all(start.as_bytes());
    while sent.is_ok() {
        sent = stream.write_all(piece.as_bytes());
        sleep(Duration::from_millis(5));
    }
}
