//! Work on many things in order, by many threads.

use rayon::prelude::*;

/// Does `work` on each thing that `next` gives, some at a time, and hands what it made to `take` in their order. What was
/// made of some is taken while work is done on those behind them.
///
/// # Errors
/// The first error in the order of the things.
pub(super) fn pipeline<I: Send, T: Send, E: Send>(
    mut next: impl FnMut() -> Result<Vec<I>, E> + Send,
    work: impl Fn(I) -> Result<T, E> + Sync,
    mut take: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut made = Vec::new();
    loop {
        let take_all = || made.into_iter().try_for_each(|made: Result<T, E>| take(made?));
        let work_on = || next().map(|things| things.into_par_iter().map(&work).collect::<Vec<_>>());
        let (taken, more) = rayon::join(take_all, work_on);
        taken?;
        made = more?;
        if made.is_empty() {
            return Ok(());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn all_is_taken_in_order_until_an_error() {
        for (bad, end) in [(None, 40), (Some(0), 0), (Some(17), 17), (Some(39), 39)] {
            let (mut begun, mut taken) = (0, Vec::new());
            let next = || {
                let some = (begun..40.min(begun + 7)).collect();
                begun += 7;
                Ok(some)
            };
            let work = |number: usize| if Some(number) == bad { Err(number) } else { Ok(number * 2) };
            let done = pipeline(next, work, |double| {
                taken.push(double);
                Ok(())
            });
            assert_eq!(done, bad.map_or(Ok(()), Err));
            assert_eq!(taken, (0..end).map(|number| number * 2).collect::<Vec<_>>());
        }
        assert_eq!(pipeline(|| Err("next"), |()| Ok(()), |()| Ok(())), Err("next"));
        assert_eq!(pipeline(|| Ok(vec![1]), Ok, |_: i32| Err("take")), Err("take"));
    }
}
