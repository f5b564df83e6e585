//! HTTP `CONNECT`: asks an HTTP proxy for a tunnel.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use switchyard_actors::domain::proxy::ProxyUser;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::fault::ProxyCause;
use super::target::Target;

/// The longest head that a proxy may answer with.
const LONGEST_HEAD: usize = 8 << 10;
/// What ends a head.
const END: &[u8] = b"\r\n\r\n";

/// Opens a tunnel to a target on a connection to the proxy.
///
/// # Errors
/// What the proxy did instead.
pub async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    target: &Target,
    user: Option<&ProxyUser>,
) -> Result<(), ProxyCause> {
    stream.write_all(question(target, user).as_bytes()).await?;
    stream.flush().await?;
    let head = read_head(stream).await?;
    match status(&head).ok_or(ProxyCause::Strange("its answer is not HTTP"))? {
        200..300 => Ok(()),
        // 401 is what tinyproxy says to wrong credentials, and 407 to missing ones.
        401 | 407 => Err(refused(user)),
        other => Err(ProxyCause::Answered(other)),
    }
}

/// Says who we are, as the value of `Proxy-Authorization`.
#[must_use]
pub fn authorization(user: &ProxyUser) -> String {
    let both = format!("{}:{}", user.name.reveal(), user.password.reveal());
    format!("Basic {}", STANDARD.encode(both))
}

/// Returns what a question for credentials means.
#[must_use]
pub const fn refused(user: Option<&ProxyUser>) -> ProxyCause {
    if user.is_some() { ProxyCause::Credentials } else { ProxyCause::NoCredentials }
}

fn question(target: &Target, user: Option<&ProxyUser>) -> String {
    let place = target.authority();
    let user = user.map(|user| format!("Proxy-Authorization: {}\r\n", authorization(user)));
    let user = user.unwrap_or_default();
    format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{user}\r\n")
}

/// Reads to the empty line and not one byte further: what follows belongs to the tunnel, where
/// nobody speaks before we do.
async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, ProxyCause> {
    let mut head = Vec::with_capacity(512);
    loop {
        let room = LONGEST_HEAD.saturating_sub(head.len());
        if room == 0 {
            return Err(ProxyCause::Strange("its answer has no end"));
        }
        let read = (&mut *stream).take(room as u64).read_buf(&mut head).await?;
        if read == 0 {
            return Err(ProxyCause::Closed);
        }
        match head.windows(END.len()).position(|window| window == END) {
            None => {}
            Some(at) if at + END.len() == head.len() => return Ok(head),
            // The words to a refusal may come with it.
            Some(_) if status(&head).is_some_and(|status| !(200..300).contains(&status)) => {
                return Ok(head);
            }
            Some(_) => {
                return Err(ProxyCause::Strange("something came before the tunnel was used"));
            }
        }
    }
}

/// Reads the status of `HTTP/1.1 200 Connection established`.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    let status = words.next().filter(|status| status.len() == 3)?;
    status.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::proxy::Proxy;
    use tokio::io::duplex;

    use super::*;

    fn target() -> Target {
        Target::of(&"https://api.example.com/v1".parse().unwrap())
    }

    fn user() -> ProxyUser {
        Proxy::parse("http://al%40ice:p%3Ass@p").unwrap().user.unwrap()
    }

    /// Lets a proxy answer with these pieces, each written once the former one was read.
    async fn asked(pieces: &[&str], user: Option<&ProxyUser>) -> Result<(), ProxyCause> {
        let (mut ours, mut theirs) = duplex(16);
        let proxy = async {
            let mut asked = vec![0; question(&target(), user).len()];
            theirs.read_exact(&mut asked).await.unwrap();
            for piece in pieces {
                if theirs.write_all(piece.as_bytes()).await.is_err() {
                    break;
                }
            }
            drop(theirs);
        };
        let target = target();
        let (answer, ()) = tokio::join!(
            async {
                let answer = open(&mut ours, &target, user).await;
                drop(ours);
                answer
            },
            proxy
        );
        answer
    }

    #[test]
    fn the_question_says_whereto_and_who_asks() {
        assert_eq!(
            question(&target(), Some(&user())),
            "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\
             Proxy-Authorization: Basic YWxAaWNlOnA6c3M=\r\n\r\n"
        );
        assert!(!question(&target(), None).contains("Authorization"));
    }

    #[tokio::test]
    async fn each_answer_has_its_meaning() {
        let who = user();
        let user = Some(&who);
        for (pieces, wanted) in [
            (&["HTTP/1.1 200 Connection established\r\n\r\n"][..], Ok(())),
            (&["HTTP/1.0 200", " OK\r\nVia: x\r", "\n\r", "\n"], Ok(())),
            (&["HTTP/1.1 407 Who?\r\n\r\n<html>"], Err(ProxyCause::Credentials)),
            (&["HTTP/1.0 401 Unauthorized\r\n\r\n"], Err(ProxyCause::Credentials)),
            (&["HTTP/1.1 403 Filtered\r\nA: b\r\n\r\n"], Err(ProxyCause::Answered(403))),
            (&["HTTP/1.1 503 Busy\r\n\r\nbusy"], Err(ProxyCause::Answered(503))),
            (&["HTTP/1.1 200 OK\r\n"], Err(ProxyCause::Closed)),
            (&[], Err(ProxyCause::Closed)),
        ] {
            assert_eq!(asked(pieces, user).await, wanted, "{pieces:?}");
        }
        let unnamed = asked(&["HTTP/1.1 407 Who?\r\n\r\n"], None).await;
        assert_eq!(unnamed, Err(ProxyCause::NoCredentials));
        for strange in ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "\u{5}\u{1}\r\n\r\n"] {
            let answer = asked(&[strange], user).await;
            assert!(matches!(answer, Err(ProxyCause::Strange(_))), "{strange:?}: {answer:?}");
        }
        let early = asked(&["HTTP/1.1 200 OK\r\n\r\nhello"], user).await;
        assert!(matches!(early, Err(ProxyCause::Strange(_))), "{early:?}");
    }

    #[tokio::test]
    async fn an_answer_without_an_end_is_not_read_for_ever() {
        let filler = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(20_000));
        let answer = asked(&[&filler], None).await;
        assert_eq!(answer, Err(ProxyCause::Strange("its answer has no end")));
    }
}
