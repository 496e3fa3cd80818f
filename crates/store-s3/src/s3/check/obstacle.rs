//! Policies that no grant to a role or a user helps against.

/// What to do about them.
pub(super) const ASK_FOR_CHANGE: &str = "ask whoever keeps that policy to change it: a grant to \
                                         the role or user alone doesn't help";

/// The one that grants to a role or a user, and so the one to add to.
const OF_IDENTITY: &str = "identity-based policy";

/// Kinds of policies, as AWS names them in denials and as people know them.
const KINDS: [(&str, &str); 7] = [
    (OF_IDENTITY, "the access policy of the role or user"),
    (
        "session policy",
        "the session policy, which narrows what the role may do in this session",
    ),
    (
        "permissions boundary",
        "the permissions boundary of the role or user",
    ),
    (
        "VPC endpoint policy",
        "the policy of the VPC endpoint that requests go through",
    ),
    (
        "service control policy",
        "a service control policy of the organisation",
    ),
    (
        "resource control policy",
        "a resource control policy of the organisation",
    ),
    (
        "resource-based policy",
        "the policy of the bucket or the key itself",
    ),
];

/// What is in the way of a request, as far as AWS says it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// A policy denies it.
    Denies(&'static str),
    /// A policy that has to allow it, too, doesn't.
    DoesntAllow(&'static str),
}

impl Obstacle {
    /// From `… because no session policy allows the s3:PutObject action` or `… with an explicit
    /// deny in a service control policy`. None where a statement in the access policy is what
    /// lacks, or where nothing is said.
    pub(super) fn in_message(message: &str) -> Option<Self> {
        if let Some((_, place)) = message.split_once("explicit deny") {
            return Some(Obstacle::Denies(kind_in(place).unwrap_or("some policy")));
        }
        let (_, reason) = message.split_once("because no ")?;
        let (kind, _) = reason.split_once(" allows")?;
        match kind {
            OF_IDENTITY => None,
            kind => kind_in(kind).map(Obstacle::DoesntAllow),
        }
    }

    /// In plain words; `what` is an action on a resource.
    pub(super) fn told(&self, what: &str) -> String {
        match self {
            Obstacle::Denies(policy) => format!(
                "{what} is denied in {policy}: that Deny has to go, since it outweighs whatever is \
                 granted"
            ),
            Obstacle::DoesntAllow(policy) => {
                format!("in the way is {policy}: it has to allow {what}, too")
            }
        }
    }
}

fn kind_in(text: &str) -> Option<&'static str> {
    let known = KINDS.iter().find(|(kind, _)| text.contains(kind));
    known.map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_way_is_told_in_plain_words() {
        let check = |reason: &str, expect: Option<&str>| {
            let message =
                format!("it isn't granted: User: u is not authorized to perform: a {reason}");
            let told = Obstacle::in_message(&message).map(|obstacle| obstacle.told("a on b"));
            assert_eq!(told.as_deref(), expect, "{reason}");
        };
        check("on resource: \"b\"", None);
        check("because no identity-based policy allows the a action", None);
        for (kind, words) in &KINDS[1..] {
            let expect = format!("in the way is {words}: it has to allow a on b, too");
            let reason = format!("because no {kind} allows the a action");
            check(&reason, Some(&expect));
        }
        for (kind, words) in KINDS {
            let expect = format!(
                "a on b is denied in {words}: that Deny has to go, since it outweighs whatever is \
                 granted"
            );
            let reason = format!("with an explicit deny in a {kind}");
            check(&reason, Some(&expect));
        }
    }
}
