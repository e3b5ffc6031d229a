//! An API answer that is already in memory, for fuzzing and for callers who have a body.
//!
//! Must not decode differently: it is the same decoder, fed from a slice.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use reqwest::StatusCode;

use super::call::pieces;
use super::decode::{Decoded, decode};
use super::errors::refused;
use super::scanner::Chunks;
use crate::http::{Fault, Wording};
use crate::samples::{Asked, Failure, FailureCode, Series};
use crate::source::recording::Collector;

/// The most memory that samples may take, in bytes.
const ROOM_BYTES: u64 = 128 << 20;

/// A body that comes in pieces of a given size.
struct Slices<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Chunks for Slices<'_> {
    type Error = Infallible;

    async fn append(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Infallible> {
        let size = self.size.min(self.rest.len());
        let (next, rest) = self.rest.split_at_checked(size).unwrap_or_default();
        buffer.extend_from_slice(next);
        self.rest = rest;
        Ok(!next.is_empty())
    }
}

/// Decodes the body of an answer to a question about these instants, fed in pieces of `size` bytes (at least one). The
/// series come as they were sent, without remarks.
///
/// # Errors
/// A body that is cut off, garbled, of another kind than asked for, or an error of the server: the failure that asking
/// would have ended with. A question to a captured baseline has no body.
pub fn read_answer(body: &[u8], size: usize, asked: &Asked) -> Result<Vec<Series>, Failure> {
    read(body, size.max(1), asked).map_err(Fault::into_failure)
}

fn read(body: &[u8], size: usize, asked: &Asked) -> Result<Vec<Series>, Fault> {
    let Some(times) = pieces(asked)?.first().copied() else {
        return Err(garbled("nothing is asked"));
    };
    let collector = Collector::new(times, true, ROOM_BYTES);
    let decoded = pin!(decode(Slices { rest: body, size }, times, collector));
    // Nothing here waits: the bytes are all there.
    let Poll::Ready(decoded) = decoded.poll(&mut Context::from_waker(Waker::noop())) else {
        return Err(garbled("the answer is incomplete"));
    };
    match decoded {
        Ok((_, Decoded::Data(collected))) => Ok(collected.series),
        Ok((envelope, decoded @ (Decoded::Refused | Decoded::Text))) => {
            let wording = Wording::new("the source");
            Err(refused(StatusCode::OK, &envelope, &decoded, &wording))
        }
        Err(error) => Err(garbled(error.to_string())),
    }
}

fn garbled(message: impl Into<String>) -> Fault {
    Fault::last(FailureCode::AnswerGarbled, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;

    const BODY: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[60,"1"]}]}}"#;

    fn decoded(body: &str, size: usize) -> Result<Vec<Series>, FailureCode> {
        let asked = Asked::At(Instant::from_secs(60));
        read_answer(body.as_bytes(), size, &asked).map_err(|failure| failure.code)
    }

    #[test]
    fn the_pieces_in_which_a_body_comes_make_no_difference() {
        let whole = decoded(BODY, usize::MAX);
        assert_eq!(whole.as_ref().map(Vec::len), Ok(1));
        for size in 0..BODY.len() {
            assert_eq!(decoded(BODY, size), whole, "{size}");
        }
    }

    #[test]
    fn what_is_not_an_answer_is_the_failure_of_asking() {
        assert_eq!(decoded(&BODY[..40], 7), Err(FailureCode::AnswerGarbled));
        let error = r#"{"status":"error","errorType":"bad_data","error":"no"}"#;
        assert_eq!(decoded(error, 7), Err(FailureCode::QueryRejected));
        let captured = Asked::Captured("errors".to_owned());
        assert!(read_answer(BODY.as_bytes(), 7, &captured).is_err());
    }
}
