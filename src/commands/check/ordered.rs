//! Work that is done concurrently and handed on in order.
//!
//! Must not know what the work is.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A piece of work in the queue.
enum Turn<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}

/// Runs up to `most` pieces at a time; `take` gets their results in order, each as soon as those before it are
/// done. A slow piece delays handing on those after it, not their work.
pub async fn in_order<F: Future>(
    pieces: impl IntoIterator<Item = F>,
    most: usize,
    mut take: impl FnMut(F::Output),
) {
    let (mut rest, mut turns) = (pieces.into_iter().fuse(), VecDeque::new());
    poll_fn(move |context| {
        while advance(&mut rest, &mut turns, most, context) {
            while let Some(output) = next(&mut turns) {
                take(output);
            }
        }
        if turns.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Starts what there is room for, and polls everything that is running; returns whether anything finished.
fn advance<F: Future>(
    rest: &mut impl Iterator<Item = F>,
    turns: &mut VecDeque<Turn<F>>,
    most: usize,
    context: &mut Context<'_>,
) -> bool {
    let running = |turn: &&Turn<F>| matches!(turn, Turn::Running(_));
    let room = most.saturating_sub(turns.iter().filter(running).count());
    turns.extend(rest.take(room).map(|piece| Turn::Running(Box::pin(piece))));
    let mut moved = false;
    for turn in turns {
        if let Turn::Running(piece) = turn
            && let Poll::Ready(output) = piece.as_mut().poll(context)
        {
            *turn = Turn::Done(output);
            moved = true;
        }
    }
    moved
}

/// The result of the first in the queue, once it is done.
fn next<F: Future>(turns: &mut VecDeque<Turn<F>>) -> Option<F::Output> {
    match turns.pop_front()? {
        Turn::Done(output) => Some(output),
        running @ Turn::Running(_) => {
            turns.push_front(running);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::time::Duration;

    #[tokio::test]
    async fn results_come_in_order_and_nobody_waits_for_a_slow_one_ahead() {
        let (running, most, ended, taken) = (
            Cell::new(0),
            Cell::new(0),
            RefCell::new(Vec::new()),
            RefCell::new(Vec::new()),
        );
        let piece = |number: u64| {
            let (running, most, ended) = (&running, &most, &ended);
            async move {
                running.set(running.get() + 1);
                most.set(most.get().max(running.get()));
                let pause = if number == 0 { 200 } else { 5 };
                tokio::time::sleep(Duration::from_millis(pause)).await;
                running.set(running.get() - 1);
                ended.borrow_mut().push(number);
                number
            }
        };
        in_order((0..10).map(piece), 3, |number| {
            taken.borrow_mut().push(number);
        })
        .await;
        assert_eq!(taken.into_inner(), (0..10).collect::<Vec<_>>());
        assert_eq!(ended.borrow().last(), Some(&0), "the slow one ends last");
        assert_eq!(most.get(), 3);
    }

    #[tokio::test]
    async fn without_work_it_ends_at_once() {
        in_order(Vec::<std::future::Ready<()>>::new(), 3, |()| {}).await;
    }
}
