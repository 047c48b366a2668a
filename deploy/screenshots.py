#!/usr/bin/env python3
"""Makes the README's pictures of the status page from a real run.

`screenshots.py LANDFALL FOLDER`, inside of `landfall-sandbox exec`. Deploys a few services, waits until each has its record,
its certificate and its signal, and lets Chromium draw the page in light and dark.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

PAGE = "127.0.0.1:15263"
SERVICES = {"shop": "shop.example.test", "api": "api.example.net"}
HOSTS = {"hello.example.test", "blog.example.test", *SERVICES.values()}
EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "examples/nginx/stack.yml")
WIDTH = 1200
PATIENCE = 120


def wait_for(what, condition):
    """Polls until the condition is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f"screenshots: waited in vain for {what}")


def status():
    with urllib.request.urlopen(f"http://{PAGE}/api/status", timeout=5) as answer:
        return json.load(answer)


def is_complete():
    """Whether each host has a certificate and a signal, and no run is in progress."""
    now = status()
    done = {host["name"] for host in now.get("hosts") or [] if host.get("certificate") and host.get("signal")}
    return done >= HOSTS and not now.get("run")


def docker(*arguments):
    images = {
        "NGINX_IMAGE": "landfall-test/nginx",
        "HELLO_IMAGE": "landfall-test/busybox",
        "PROXY_CONSTRAINT": "node.role == manager",
    }
    command = ["/usr/bin/docker", *arguments]
    subprocess.run(command, env=os.environ | images, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def deploy():
    docker("stack", "deploy", "--resolve-image", "never", "--compose-file", EXAMPLE, "web")
    for name, host in SERVICES.items():
        options = ["--detach", "--no-resolve-image", "--name", name, "--label", f"landfall.host={host}"]
        docker("service", "create", *options, "landfall-test/busybox", "sleep", "86400")


class Browser:
    """A Chromium without a window, steered over pipes (https://chromedevtools.github.io/devtools-protocol/)."""

    def __init__(self, profile):
        (commands, self.commands), (self.answers, answers) = os.pipe(), os.pipe()
        arguments = ["/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        arguments += ["--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]

        # The pipes are descriptors 3 and 4 of the browser.
        command = f'exec "$@" 3<&{commands} 4>&{answers}'
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", command, "sh", *arguments],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self.rest, self.number, self.session = b"", 0, None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") == self.number:
                return answer["result"]

    def next(self):
        while b"\0" not in self.rest:
            part = os.read(self.answers, 1 << 16)
            if not part:
                sys.exit("screenshots: Chromium ended")
            self.rest += part
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def value(self, expression):
        return self.ask("Runtime.evaluate", expression=expression)["result"].get("value")

    def draw(self, scheme, file):
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        self.ask("Emulation.setEmulatedMedia", features=media)
        self.resize(800)
        self.ask("Page.navigate", url=f"http://{PAGE}/")
        wait_for("the page", lambda: (self.value("document.querySelectorAll('#hosts tr').length") or 0) >= len(HOSTS))
        # As far as the hosts: a picture in the README must not be long.
        self.resize(int(self.value("document.querySelector('#host-table').getBoundingClientRect().bottom + 16")))
        picture = base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])
        with open(file, "wb") as output:
            output.write(picture)

    def resize(self, height):
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False
        )

    def close(self):
        self.process.kill()
        self.process.wait()


def main(landfall, folder):
    with tempfile.TemporaryDirectory() as work, open(f"{work}/log", "w+b") as log:
        settings = os.environ | {"LANDFALL_LISTEN": PAGE}
        daemon = subprocess.Popen([landfall, "run"], env=settings, stdout=log, stderr=log)
        browser = None
        try:
            wait_for("the daemon", lambda: status() is not None)
            deploy()
            wait_for("the hosts", is_complete)
            # After a second run nothing is new any more.
            subprocess.run([landfall, "once"], check=True, stdout=subprocess.DEVNULL)
            wait_for("the end of the run", is_complete)
            browser = Browser(f"{work}/profile")
            os.makedirs(folder, exist_ok=True)
            for scheme in ["light", "dark"]:
                browser.draw(scheme, f"{folder}/status-{scheme}.png")
        except SystemExit:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-3000:])
            raise
        finally:
            if browser:
                browser.close()
            daemon.terminate()
            daemon.wait()


main(*sys.argv[1:])
