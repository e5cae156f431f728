//! Templates of the service, of the guides, and of clr-installer's tests, which converts them.

use serde_json::{Value, json};

use super::{CLOUD, HASH, INSTALLER, KEY, LIVE, Template, and, bios, found, options, template, three, two};

const AZURE: &str = "editors kernel-hyperv network-basic os-core os-core-update openssh-server os-cloudguest-azure \
                     storage-utils sysadmin-basic";

pub fn service_and_guides() -> Vec<Template> {
    let native = "kernel-native os-core os-core-update os-cloudguest";
    let mixed = "os-core os-core-update kernel-native";
    vec![
        found(
            "native-cloud.json of the service",
            and(
                template("native-cloud.img", &two("64M", "2G"), 15520, native),
                json!({ "IsterCloudInitSvc": "http://192.168.1.1/icis/" }),
            ),
        ),
        found(
            "bulk-provision.rst, the one for machines",
            and(
                template("sda", &three("512M", "512M", "rest"), "latest", native),
                json!({ "IsterCloudInitSvc": "http://192.168.1.1:60000/icis/" }),
            ),
        ),
        found("mixer.rst", template("release.img", &three("32M", "16M", "10G"), 10, mixed)),
        found(
            "mixer.rst, with a mirror",
            and(
                template("release.img", &three("64M", "32M", "16G"), 300, mixed),
                json!({ "MirrorURL": "http://mixer.example/mix", "VersionURL": "http://mixer.example/mix" }),
            ),
        ),
        found("every key that there is", everything()),
    ]
}

/// Every key of contract 1.3.
fn everything() -> Value {
    let parts = [
        ("512M", "EFI", "vfat", "/boot"),
        ("4G", "swap", "swap", ""),
        ("40G", "linux", "ext4", "/"),
        ("100G", "linux", "xfs", "/home"),
        ("rest", "linux", "btrfs", "/srv"),
    ];
    let bundles = "kernel-native os-core os-core-update os-cloudguest systemd-networkd-autostart bootloader-extras";
    let mut json = template("sda", &parts, 29880, bundles);
    json["FilesystemTypes"][2]["label"] = "root".into();
    json["FilesystemTypes"][2]["options"] = "-O ^64bit".into();
    json["FilesystemTypes"][3]["disable_format"] = true.into();
    json["FilesystemTypes"][4]["encryption"] = json!({ "name": "data", "passphrase": "correct horse" });
    json["PartitionMountPoints"][3]["encryption"] = json!({ "name": "data" });
    json["PartitionMountPoints"][2]["forcemu"] = true.into();
    let more = json!({
        "SoftwareManager": "swupd",
        "Hostname": "node-7",
        "cmdline": "quiet rootflags=x-systemd.device-timeout=0",
        "Static_IP": { "iface": "eno1", "address": "10.1.10.9/24", "gateway": "10.1.10.1", "dns": "10.1.10.2" },
        "LegacyBios": false,
        "DisabledNewPartitions": true,
        "HTTPSProxy": "http://proxy.example:911",
        "HTTPProxy": "http://proxy.example:912",
        "MirrorURL": "http://mirror.example/c",
        "VersionURL": "http://mirror.example/v",
        "IsterCloudInitSvc": "http://10.1.10.1/icis/",
        "PreInstallShell": ["true"],
        "PostNonChroot": ["/usr/bin/own"],
        "PostNonChrootShell": ["echo \"a: b\" # c"],
        "PostChroot": ["/bin/a b"],
        "PostChrootShell": ["echo 'x' && sync"],
        "Users": [
            {
                "username": "ada", "fullname": "Ada L", "uid": 1000, "sudo": true,
                "password": HASH, "key": format!("{KEY}\n"),
            },
            { "username": "ben", "uid": "1001", "sudo": false, "key": KEY },
        ],
    });
    and(json, more)
}

pub fn clr_installer() -> Vec<Template> {
    let azure = |disk: &str, bundles: &str| options(bios(disk, "20G", 7777, bundles), "-O ^64bit");
    let docker = format!("cloud-native-basic containers-basic containers-virt {AZURE}");
    let learning = format!("{AZURE} machine-learning-basic");
    let (kvm, hyperv) = (LIVE.replace("native", "kvm"), LIVE.replace("native", "hyperv"));
    let ciao = "kernel-kvm os-core os-core-update os-cloudguest cloud-network bootloader";
    let cloud = "bootloader containers-basic kernel-kvm os-cloudguest os-core openssh-server os-core-update";
    let tested = "kernel-hyperv os-core os-core-update openssh-server os-cloudguest-azure bat";
    let user = json!({ "Users": [{ "username": "test", "key": "key.pub", "uid": 1000, "sudo": true }] });
    vec![
        found("azure-config.json", azure("azure.img", AZURE)),
        found("azure-docker-config.json", azure("azure-docker.img", &docker)).refused("bundle-not-in-release"),
        found("azure-machine-learning-config.json", azure("azure-machine-learning.img", &learning)),
        found("ciao-networking-config.json", template("ciao-networking.img", &two("64M", "800M"), 7777, ciao)),
        found("cloud-config.json of clr-installer", template("cloud.img", &two("512M", "800M"), 7777, CLOUD)),
        found("cloud-docker-config.json", template("cloud-docker.img", &two("64M", "2G"), 7777, cloud)),
        found(
            "full-good.json of clr-installer",
            and(template("test.img", &two("512M", "1G"), 930, "kernel-kvm"), user),
        )
        .left(&["Users"])
        .refused("sudo-without-login"),
        found("hyperv-config.json", template("hyperv.img", &three("512M", "32M", "8G"), 7777, &hyperv)),
        found("hyperv-test-config.json", bios("hyperv-test.img", "20G", 7777, tested)),
        found("kvm-config.json", template("kvm.img", &three("512M", "32M", "8G"), 7777, &kvm)),
        found("legacy-kvm-config.json", options(bios("legacy-kvm.img", "8G", 7777, &kvm), "-O ^64bit")),
        found("mbr.json of clr-installer", bios("mbr.img", "500M", 8860, "kernel-native os-core os-core-update")),
        found(
            "invalid-ister-no-kernel.json",
            template("release.img", &three("32M", "16M", "10G"), "latest", "os-core os-core-update"),
        )
        .allowed(&["no-kernel"]),
    ]
}

/// Those of clr-installer's tests whose program was not there when they were judged.
pub fn with_programs() -> Vec<Template> {
    let run = |name: &'static str, json: Value, script: &str| {
        let script = format!("/home/clrbuilder/projects/clr-release-tools/config/image/{script}");
        found(name, and(json, json!({ "PostNonChroot": [script] })))
    };
    let live = "live-image-post-update-version.py";
    let aws = "kernel-aws os-cloudguest-aws os-core os-core-update openssh-server";
    let gce = "kernel-gce os-core os-core-update os-cloudguest-gce openssh-server";
    let kernels = LIVE.replace("kernel-native", "kernel-native kernel-lts kernel-kvm");
    let docker = "bootloader containers-basic kernel-native openssh-server os-core os-core-update";
    let vmware = "bootloader kernel-native os-core-update os-core";
    let mini = template("hyperv-mini.img", &two("30M", "300M"), 7777, "os-core kernel-hyperv-mini");
    vec![
        run(
            "aws-config.json",
            options(bios("aws.img", "512M", 20370, aws), "-b 4096 -O ^64bit"),
            "aws-disable-root.sh",
        ),
        run("gce-config.json", options(bios("disk.raw", "2G", "latest", gce), "-b 4096 -O ^64bit"), "gce-sudoers.sh"),
        run("hyperv-mini-config.json", mini, "hyperv-mini-post.sh").refused("bundle-not-in-release"),
        run("kernels.json", template("live.img", &two("64M", "5G"), 7777, &kernels), live),
        run("live-config.json of clr-installer", template("live.img", &two("64M", "5G"), 7777, LIVE), live),
        run("live-docker-config.json", template("live-docker.img", &two("64M", "5G"), 7777, docker), live),
        run("vmware-config.json", template("vmware.img", &three("64M", "32M", "5G"), 7777, vmware), live),
        run(
            "provision-config.json of clr-installer",
            template("provision.img", &two("64M", "2G"), "latest", INSTALLER),
            "provision-image-post-update-version.py",
        ),
    ]
}
