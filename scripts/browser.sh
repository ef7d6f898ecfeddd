#!/bin/sh
# Sees to it that the browser tests have a Chromium. Without one they skip; where CI=true that is a failure.
cd "$(dirname "$0")/.." || exit 1
log=.venv/browser.log

have() { .venv/bin/python tests/browser.py >/dev/null 2>&1; }
done_if_have() { have && { : >.venv/browser; exit 0; }; }

done_if_have
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >"$log" 2>&1
    done_if_have
fi
echo "Fetching Playwright's Chromium for the browser tests"
.venv/bin/playwright install chromium >"$log" 2>&1
done_if_have

echo "regsearch: no Chromium, and none could be installed (see $log); install chromium or google-chrome" >&2
[ "${CI:-}" != true ] || exit 1
echo "regsearch: the browser tests will be skipped" >&2
