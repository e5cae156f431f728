//! The ways in which a machine may boot: by which card, and how iPXE counts its cards (contract X-1).

use std::collections::HashSet;

use crate::ipxe::Machine;
use crate::model::{Fleet, Mac};

/// Cards of which every order is tried; of more, those that begin with each card, forwards and backwards.
const ALL_ORDERS: usize = 4;

/// A card that no fleet can list: the bit for groups is set, which no network card has.
const OTHER: &str = "03:00:00:00:00:01";

/// The cards of a machine that is not listed.
pub(super) fn unlisted(fleet: &Fleet) -> [String; 2] {
    let card = |number: u32| {
        let [a, b, c, d] = number.to_be_bytes();
        Mac::from([2, 0, a, b, c, d])
    };
    // Of all that are listed, few may be among those that are tried.
    let tried = card(0)..=card(u32::MAX);
    let listed = fleet.hosts.iter().flat_map(|host| host.macs.iter().map(|mac| mac.value));
    let listed: HashSet<Mac> = listed.filter(|mac| tried.contains(mac)).collect();
    let mut cards = (1..).map(card).filter(|mac| !listed.contains(mac));
    [(); 2].map(|()| cards.next().map_or_else(|| OTHER.to_string(), Mac::colons))
}

/// A machine with this card alone.
pub(super) fn alone(card: &str) -> Machine {
    Machine { cards: vec![card.to_string()], booted: 0 }
}

/// Cards with one behind them that is not listed.
pub(super) fn with_another(cards: &[String]) -> Vec<String> {
    [cards, &[OTHER.to_string()]].concat()
}

/// A machine with these cards, booted by one of them, in each order that may matter.
pub(super) fn orders(cards: &[String], booted: &str) -> Vec<Machine> {
    let orders = if cards.len() <= ALL_ORDERS { permutations(cards) } else { turns(cards) };
    let machine = |cards: Vec<String>| {
        let booted = cards.iter().position(|card| card == booted).unwrap_or_default();
        Machine { cards, booted }
    };
    orders.into_iter().map(machine).collect()
}

fn permutations(cards: &[String]) -> Vec<Vec<String>> {
    if cards.len() < 2 {
        return vec![cards.to_vec()];
    }
    let first = |index: usize| {
        let mut rest = cards.to_vec();
        let first = rest.remove(index);
        permutations(&rest).into_iter().map(move |rest| [vec![first.clone()], rest].concat())
    };
    (0..cards.len()).flat_map(first).collect()
}

fn turns(cards: &[String]) -> Vec<Vec<String>> {
    let backwards: Vec<String> = cards.iter().rev().cloned().collect();
    let turned = |cards: &[String], by: usize| [&cards[by..], &cards[..by]].concat();
    (0..cards.len()).flat_map(|by| [turned(cards, by), turned(&backwards, by)]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_card_comes_first_once_at_least() {
        for (count, orders_of_it) in [(1, 1), (2, 2), (3, 6), (4, 24), (5, 10), (9, 18)] {
            let cards: Vec<String> = (0..count).map(|card| card.to_string()).collect();
            let found = orders(&cards, "0");
            let distinct: BTreeSet<&Vec<String>> = found.iter().map(|machine| &machine.cards).collect();
            assert_eq!((found.len(), distinct.len()), (orders_of_it, orders_of_it), "{count}");
            let first: BTreeSet<&String> = found.iter().map(|machine| &machine.cards[0]).collect();
            assert_eq!(first.len(), count);
            assert!(found.iter().all(|machine| machine.cards[machine.booted] == "0"));
        }
    }
}
