//! An answer, judged: a pure function of what should come and what came.

use super::answer::{Answer, Body, BodyEnd, End, Reply};
use super::differ;
use super::fault::Fault;
use super::probe::{Want, Why};
use crate::publish::manifest::Checksum;

/// Gives the path of the file of the tree that has a sum.
pub type BySum<'k> = &'k dyn Fn(&Checksum) -> Option<String>;

/// What is known besides a file's own sum.
#[derive(Clone, Copy, Default)]
pub struct Known<'k> {
    /// `server.url` as the files should have it, where that is known.
    pub base: Option<&'k str>,
    /// `server.url` as the server's boot script has it.
    pub served_base: Option<&'k str>,
    /// The sum that the server's own, other manifest gives for the file.
    pub theirs: Option<Checksum>,
    /// The path of the file that has these bytes.
    pub by_sum: Option<BySum<'k>>,
}

/// Judges an answer.
///
/// # Errors
/// What is wrong with it.
pub fn judge(want: Want, answer: &Answer, known: Known<'_>) -> Result<(), Fault> {
    match (&answer.end, want) {
        (End::Nothing(why), _) => Err(Fault::NoAnswer(why.clone())),
        // A client that does not follow has no answer, which is what should be.
        (End::Stopped(..), Want::Nothing(..)) => Ok(()),
        (End::Stopped(hop, why), _) => Err(Fault::Redirect(hop.status, hop.to.clone(), (*why).to_string())),
        (End::Status(reply), Want::Nothing(why, or)) => nothing(reply, why, or),
        (End::Status(reply), _) if !(200..300).contains(&reply.status) => Err(status(reply.status, answer)),
        (End::Status(reply), Want::Bytes(size, sum)) => bytes(reply, size, sum, known),
        (End::Status(reply), Want::Image(sum)) => image(reply, sum),
    }
}

/// What a status that is no success means.
fn status(status: u16, answer: &Answer) -> Fault {
    match (answer.hops.last(), status) {
        (Some(hop), _) => Fault::Redirect(hop.status, hop.to.clone(), format!("that is answered with {status}")),
        (None, 404 | 410) => Fault::Missing(status),
        (None, _) => Fault::Refused(status),
    }
}

/// Something that should not be there.
fn nothing(reply: &Reply, why: Why, or: Option<Checksum>) -> Result<(), Fault> {
    if !(200..300).contains(&reply.status) || or == Some(reply.body.sha256) {
        return Ok(());
    }
    if differ::is_listing(&reply.body.start) {
        return Err(Fault::Listing);
    }
    if differ::is_html(&reply.body.start) {
        return Err(Fault::Rewritten("there is no such file, and the server answers with an HTML page".to_string()));
    }
    Err(match why {
        Why::Invented => Fault::Rewritten(format!("there is no such file, and the server answers {}", reply.status)),
        why => Fault::Stale(why.said().to_string()),
    })
}

/// What is wrong with any body, whatever should be in it.
fn body(body: &Body, size: Option<u64>) -> Result<(), Fault> {
    match body.end {
        BodyEnd::Whole => Ok(()),
        BodyEnd::Cut(of) => Err(Fault::CutShort(body.size, of.or(size).unwrap_or(body.size))),
        BodyEnd::Endless => Err(Fault::Endless(body.size)),
        BodyEnd::Slow => Err(Fault::NoAnswer(format!("the answer stops after {} bytes", body.size))),
    }
}

fn packed(reply: &Reply) -> Option<Fault> {
    let by_itself = differ::packed(&reply.body.start).map(str::to_string);
    reply.encoding.clone().or(by_itself).map(Fault::Encoded)
}

/// A file of the tree.
fn bytes(reply: &Reply, size: u64, sum: Checksum, known: Known<'_>) -> Result<(), Fault> {
    let got = &reply.body;
    if got.end == BodyEnd::Whole && got.sha256 == sum {
        return Ok(());
    }
    if differ::is_listing(&got.start) {
        return Err(Fault::Listing);
    }
    if differ::is_html(&got.start) {
        return Err(Fault::Html);
    }
    body(got, Some(size))?;
    if let Some(fault) = packed(reply) {
        return Err(fault);
    }
    if let Some(base) = elsewhere(got, sum, known) {
        return Err(Fault::Elsewhere(base.to_string()));
    }
    if known.theirs == Some(got.sha256) {
        return Err(Fault::Stale(
            "its bytes are those of another generation, which the server's manifest lists".into(),
        ));
    }
    if let Some(path) = known.by_sum.and_then(|by_sum| by_sum(&got.sha256)) {
        return Err(Fault::Rewritten(format!("the server gives `{path}` in its place")));
    }
    if let Some(age) = &reply.age {
        return Err(Fault::Stale(format!("a cache gives other bytes, which it has had for {age} seconds")));
    }
    Err(Fault::Different(differ::how(got, size, sum)))
}

/// The other server to which bytes lead that are right but for that.
fn elsewhere<'k>(got: &Body, sum: Checksum, known: Known<'k>) -> Option<&'k str> {
    let (base, served) = (known.base?, known.served_base.filter(|served| Some(*served) != known.base)?);
    let text = std::str::from_utf8(got.whole()?).ok()?;
    (differ::sum(text.replace(served, base).as_bytes()) == sum).then_some(served)
}

/// A boot file that is not part of the tree.
fn image(reply: &Reply, sum: Option<Checksum>) -> Result<(), Fault> {
    let got = &reply.body;
    if got.end == BodyEnd::Whole && sum == Some(got.sha256) {
        return Ok(());
    }
    if differ::is_listing(&got.start) {
        return Err(Fault::Listing);
    }
    // contract X-4: BIOS iPXE takes any file for a kernel.
    if differ::is_html(&got.start) {
        return Err(Fault::Html);
    }
    body(got, None)?;
    match sum {
        _ if got.size == 0 => Err(Fault::Different("it is empty".to_string())),
        // Without a sum nobody knows: an `initrd.gz` may rightly be called packed.
        Some(_) if reply.encoding.is_some() => Err(Fault::Encoded(reply.encoding.clone().unwrap_or_default())),
        Some(sum) => {
            let why = format!("its SHA-256 is {}, and the fleet file says {sum}", got.sha256);
            Err(Fault::Different(why))
        }
        None => Ok(()),
    }
}
