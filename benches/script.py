"""The files of a generated fleet, rendered as a script with Jinja2 would: python3 benches/script.py fleet.yaml tree

What such a script does not do, it need not: it judges nothing, keeps no manifest, and replaces nothing at once.
Debian packages: python3-jinja2, python3-yaml (with its C loader).
"""

import json
import os
import sys

import jinja2
import yaml

BOOT = """\
#!ipxe
{%- if state == "installed" %}
# {{ name }}: has its system; no path from here reaches an installer
imgfree
echo fleetc: {{ name }} has its system; booting the local disk
exit 1
{%- else %}
# {{ name }}: installs release {{ release }} ({{ version }})
echo fleetc: installing {{ name }}, release {{ release }} ({{ version }})
imgfree
kernel {{ url }}/{{ kernel }} initrd=initrd isterconf={{ url }}/icis/static/ister/{{ name }}/ister.conf \
{{ boot_args | join(" ") }} || goto failed
initrd --name initrd {{ url }}/{{ initrd }} || goto failed
boot || goto failed
:failed
imgfree
echo fleetc: the installer of {{ name }} could not be loaded; going on to the next boot device in 10 seconds
sleep 10
exit 1
{%- endif %}
"""

TEMPLATE = """\
{
  "DestinationType": "physical",
  "PartitionLayout": [
{%- for part in partitions %}
    {
      "disk": "{{ part.disk }}",
      "partition": {{ part.number }},
      "size": "{{ part.size }}",
      "type": "{{ part.type or "linux" }}"
    }{{ "," if not loop.last }}
{%- endfor %}
  ],
  "FilesystemTypes": [
{%- for part in partitions %}
    {
      "disk": "{{ part.disk }}",
      "partition": {{ part.number }},
      "type": "{{ part.filesystem or "swap" }}"
    }{{ "," if not loop.last }}
{%- endfor %}
  ],
  "PartitionMountPoints": [
{%- for part in partitions if part.mount %}
    {
      "disk": "{{ part.disk }}",
      "partition": {{ part.number }},
      "mount": "{{ part.mount }}"
    }{{ "," if not loop.last }}
{%- endfor %}
  ],
  "Version": {{ version }},
  "Bundles": [
{%- for bundle in bundles %}
    "{{ bundle }}"{{ "," if not loop.last }}
{%- endfor %}
  ],
  "Hostname": "{{ name }}",
  "Static_IP": {
    "iface": "{{ interface }}",
    "address": "{{ address }}/{{ cidr.split("/")[1] }}",
    "gateway": "{{ gateway }}",
    "dns": "{{ dns }}"
  },
  "IsterCloudInitSvc": "{{ url }}/icis/"
}
"""

ENTRY = """\
#!ipxe
# Each listed machine goes to its own script, by the card that booted it.
chain --replace {{ url }}/boot/${netX/mac:hexhyp}.ipxe || goto unknown
:unknown
imgfree
echo
echo fleetc: this machine has no boot script here. Nothing is installed, its disk is left alone.
echo
echo MAC address: ${netX/mac}
echo Serial number: ${serial}
echo
echo To install it, add this line to hosts in the fleet file:
echo NAME: { mac: "${netX/mac}", role: ROLE }
echo
prompt --timeout 60000 Press a key to go on to the next boot device. ||
exit 1
"""

CONF = "template={{ url }}/icis/static/ister/{{ name }}/ister_config.json\n"
CARD = '{"mac_addr":"{{ mac }}","role":"{{ role }}"}\n'


def main(source, tree):
    with open(source, encoding="utf-8") as file:
        # All as text: YAML 1.1, which this library reads, takes 52:54:00:00:00:00 for a number in base 60.
        fleet = yaml.load(file, Loader=yaml.CBaseLoader)
    environment = jinja2.Environment(keep_trailing_newline=True)
    boot, template, entry, conf, card = map(environment.from_string, (BOOT, TEMPLATE, ENTRY, CONF, CARD))

    def write(path, text):
        path = os.path.join(tree, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    defaults, network = fleet["defaults"], fleet["networks"]["all"]
    common = {"url": fleet["server"]["url"], "interface": defaults["interface"], **network}
    partitions = [
        {"disk": disk["disk"], "number": number, **part}
        for disk in fleet["layouts"][defaults["layout"]]
        for number, part in enumerate(disk["partitions"], 1)
    ]
    for name, host in fleet["hosts"].items():
        role, release = fleet["roles"][host["role"]], host.get("release", defaults["release"])
        bundles = defaults["bundles"] + role.get("bundles", {}).get("add", [])
        values = {**common, **fleet["releases"][release], **host, "name": name, "release": release}
        values.update(bundles=bundles, partitions=partitions)
        macs = host["mac"] if isinstance(host["mac"], list) else [host["mac"]]
        script = boot.render(values)
        for mac in macs:
            write(f"boot/{mac.replace(':', '-')}.ipxe", script)
            write(f"icis/get_config/{mac}", card.render(mac=mac, role=host["role"]))
        if host.get("state") != "installed":
            text = template.render(values)
            json.loads(text)
            write(f"icis/static/ister/{name}/ister_config.json", text)
            write(f"icis/static/ister/{name}/ister.conf", conf.render(values))
    for name, role in fleet["roles"].items():
        with open(os.path.join(os.path.dirname(source), role["cloud_config"]), encoding="utf-8") as file:
            text = environment.from_string(file.read()).render(common)
        write(f"icis/get_role/{name}", text)
    write("ipxe_boot_script.txt", entry.render(common))


if __name__ == "__main__":
    main(*sys.argv[1:])
