//! ister: its command line, its template, what it does to disks, software, users.

use super::End::{Built, Rule, Unseen};
use super::Row;

/// The test that judges templates of random fleets by a second reading of the facts.
const JUDGED: &str = "what_check_accepts_installs";
/// The test that walks every machine of every example through a served tree.
const SERVED: &str = "nginx_serves_mixed";

pub(super) const ROWS: &[Row] = &[
    Row { id: "I-1", trap: "a URL is cut at its second `=`", ends: &[Rule("malformed-url")] },
    Row {
        id: "I-2",
        trap: "of two `isterconf=` arguments either may win",
        ends: &[Rule("reserved-boot-argument"), Built("each kernel line has exactly one", SERVED)],
    },
    Row {
        id: "I-3",
        trap: "without `isterconf=` the image's own template wipes sda",
        ends: &[
            Rule("malformed-boot-argument"),
            Rule("long-kernel-line"),
            Built("the URL on the kernel line is literal, with no variable in it", SERVED),
        ],
    },
    Row {
        id: "I-4",
        trap: "other ways to name a template lose against the kernel line",
        ends: &[Built("the kernel line is the only way that is used", SERVED)],
    },
    Row {
        id: "I-5",
        trap: "a link that comes up after 15 seconds fails the install",
        ends: &[Unseen("switches are not in the file", "serving.md#dhcp")],
    },
    Row {
        id: "I-6",
        trap: "only `template=URL` on the first line of ister.conf is understood",
        ends: &[Rule("malformed-url"), Built("one line is written, in ASCII", SERVED)],
    },
    Row {
        id: "I-7",
        trap: "old installers do not take the template's URL from the kernel line",
        ends: &[Built("the kernel line always names an ister.conf", SERVED)],
    },
    Row {
        id: "I-8",
        trap: "the template needs an absolute URL, and is asked for once",
        ends: &[
            Built("its URL begins with that of the server, and its file is in the tree", SERVED),
            Unseen("whether the server is up", "serving.md#before-the-rack-is-powered-on"),
        ],
    },
    Row {
        id: "I-9",
        trap: "unknown or misspelt keys of a template are ignored",
        ends: &[Rule("needs-newer-installer"), Built("templates have known keys alone", JUDGED)],
    },
    Row {
        id: "I-10",
        trap: "`ister.root_ssh` opens the installer, `ister.exit` stops it",
        ends: &[Rule("open-installer"), Rule("installer-exits")],
    },
    Row {
        id: "I-11",
        trap: "without a service URL there is no role",
        ends: &[Built("every host whose role has a text gets the URL", SERVED)],
    },
    Row {
        id: "I-12",
        trap: "a service URL in a list fails after the disk is written",
        ends: &[Built("it is a text", JUDGED)],
    },
    Row {
        id: "I-13",
        trap: "without a slash at the end of the service URL there is no role, and no word of it",
        ends: &[Built("the slash is put there", JUDGED)],
    },
    Row {
        id: "I-14",
        trap: "a service URL without scheme or host fails after the disk is written",
        ends: &[Rule("malformed-url"), Built("it begins with the server's URL", JUDGED)],
    },
    Row {
        id: "I-15",
        trap: "the service's host must have an IPv4 address",
        ends: &[Rule("malformed-url"), Rule("malformed-address")],
    },
    Row {
        id: "I-16",
        trap: "the installer may ask with another card than the one that booted",
        ends: &[
            Rule("odd-one-out"),
            Rule("repeated-mac"),
            Built("every listed card of a host has the same answer", SERVED),
            Unseen("cards that are not listed", "tutorial.md#put-the-machines-in"),
        ],
    },
    Row {
        id: "I-17",
        trap: "MAC addresses are asked for in lower case, with colons",
        ends: &[
            Rule("unusable-mac"),
            Rule("duplicate-mac"),
            Built("they are read in any spelling and written in that one", "reads_a_mac_in_every_spelling"),
        ],
    },
    Row {
        id: "I-18",
        trap: "a machine that gets no answer is installed without role, and reports success",
        ends: &[Rule("repeated-mac"), Rule("odd-one-out"), Built("every listed card has a file", SERVED)],
    },
    Row {
        id: "I-19",
        trap: "a role that is no text fails, an empty one is skipped",
        ends: &[Built("answers have the service's form and a name", "answers_as_the_service_did")],
    },
    Row { id: "I-20", trap: "a role's name is pasted into a URL", ends: &[Rule("malformed-name")] },
    Row {
        id: "I-21",
        trap: "a role that is missing or empty fails after the disk is written",
        ends: &[
            Rule("role-without-header"),
            Rule("ambiguous-role-name"),
            Built("each role that an answer names is in the tree", SERVED),
        ],
    },
    Row {
        id: "I-22",
        trap: "a role's secrets are readable by everybody, on the server and on the machine",
        ends: &[Rule("served-password-hash"), Rule("served-private-key"), Rule("served-token")],
    },
    Row {
        id: "I-23",
        trap: "without ucd in the new system the install fails at its end",
        ends: &[Rule("role-without-ucd-bundle"), Rule("release-without-ucd")],
    },
    Row {
        id: "I-24",
        trap: "in some releases the role is stored and never applied",
        ends: &[Rule("release-without-ucd")],
    },
    Row {
        id: "I-25",
        trap: "an update of the unit drops the role",
        ends: &[Unseen("what swupd does later", "language/roles.md#what-ucd-makes-of-it")],
    },
    Row {
        id: "I-26",
        trap: "https needs certificates and a clock in the installer",
        ends: &[Rule("boot-over-https"), Built("types of content do not matter", SERVED)],
    },
    Row {
        id: "I-30",
        trap: "a template needs six keys",
        ends: &[Rule("missing-setting"), Rule("empty-list"), Built("all six are written", JUDGED)],
    },
    Row { id: "I-31", trap: "the destination has two spellings", ends: &[Built("it is `physical`", JUDGED)] },
    Row { id: "I-32", trap: "sizes have one form", ends: &[Rule("malformed-size")] },
    Row {
        id: "I-33",
        trap: "there may be one EFI partition",
        ends: &[Rule("second-efi-partition"), Built("types have the installer's spelling", JUDGED)],
    },
    Row {
        id: "I-34",
        trap: "partitions of a disk are told apart by number",
        ends: &[Rule("duplicate-disk"), Built("they are numbered by place", JUDGED)],
    },
    Row { id: "I-35", trap: "UEFI needs an EFI partition and `/boot`", ends: &[Rule("no-boot-partition")] },
    Row {
        id: "I-36",
        trap: "`rest` must come last",
        ends: &[Rule("rest-not-last"), Built("numbers are never texts", JUDGED)],
    },
    Row {
        id: "I-37",
        trap: "filesystems refer to partitions",
        ends: &[Built("both come from one partition of the layout", JUDGED)],
    },
    Row { id: "I-38", trap: "the root filesystem is always made", ends: &[Rule("kept-root")] },
    Row {
        id: "I-39",
        trap: "mounts need a filesystem, and one must be `/`",
        ends: &[Rule("no-root-filesystem"), Rule("duplicate-mount-point"), Rule("mount-without-filesystem")],
    },
    Row {
        id: "I-40",
        trap: "versions, host names and flags have one form",
        ends: &[Rule("malformed-host-name"), Built("each has a type that writes it", JUDGED)],
    },
    Row {
        id: "I-41",
        trap: "users are unique, and `sudo` needs a way in",
        ends: &[Rule("duplicate-user"), Rule("sudo-without-login"), Built("numbers and flags have types", JUDGED)],
    },
    Row {
        id: "I-42",
        trap: "keys need a comment and no options",
        ends: &[Rule("malformed-ssh-key"), Rule("needs-newer-installer")],
    },
    Row {
        id: "I-43",
        trap: "a static address needs prefix length and gateway; wrong lengths pass",
        ends: &[
            Rule("address-without-gateway"),
            Rule("address-of-gateway"),
            Rule("malformed-address"),
            Built("prefix lengths come from the network", JUDGED),
        ],
    },
    Row {
        id: "I-44",
        trap: "programs of `post_nonchroot` must be in the installer's image",
        ends: &[Rule("malformed-hook"), Unseen("what the image holds", "language/hooks.md")],
    },
    Row { id: "I-45", trap: "older installers ignore newer keys", ends: &[Rule("needs-newer-installer")] },
    Row {
        id: "I-50",
        trap: "from ten partitions on, sizes land on the wrong ones",
        ends: &[Rule("too-many-partitions")],
    },
    Row { id: "I-51", trap: "gaps in the numbers", ends: &[Built("partitions are numbered by place", JUDGED)] },
    Row {
        id: "I-52",
        trap: "sizes that do not fit fail with the table half written",
        ends: &[Rule("partitions-do-not-fit"), Rule("small-partition")],
    },
    Row { id: "I-53", trap: "disk names that begin alike are confused", ends: &[Rule("colliding-disk-names")] },
    Row { id: "I-54", trap: "disks go by their bare kernel name", ends: &[Rule("malformed-disk-name")] },
    Row {
        id: "I-55",
        trap: "partitions of eMMC and of many namespaces are guessed wrong",
        ends: &[Rule("doubtful-disk")],
    },
    Row { id: "I-56", trap: "every listed disk gets a new table", ends: &[Rule("keep-with-new-partition-table")] },
    Row { id: "I-57", trap: "a kept table keeps no filesystem", ends: &[Rule("table-kept-for-nothing")] },
    Row {
        id: "I-58",
        trap: "a virtual template installs into memory",
        ends: &[Built("the destination is `physical`", JUDGED)],
    },
    Row { id: "I-59", trap: "numbers as texts and as numbers do not meet", ends: &[Built("they are numbers", JUDGED)] },
    Row {
        id: "I-60",
        trap: "the EFI partition need not be the one at `/boot`",
        ends: &[Rule("boot-beside-efi"), Rule("efi-without-vfat"), Rule("unfit-root-filesystem")],
    },
    Row {
        id: "I-61",
        trap: "`legacy_bios` still means GPT",
        ends: &[Unseen("whether the firmware boots GPT", "language/layouts.md")],
    },
    Row {
        id: "I-62",
        trap: "options and labels are pasted into a command",
        ends: &[Rule("malformed-filesystem-word"), Rule("label-too-long"), Rule("duplicate-label")],
    },
    Row {
        id: "I-63",
        trap: "nothing opens an encrypted partition at boot",
        ends: &[
            Rule("unopened-encryption"),
            Rule("locked-root"),
            Rule("misplaced-encryption"),
            Rule("duplicate-volume"),
            Rule("kept-encryption"),
            Rule("served-passphrase"),
            Built("both halves are written", JUDGED),
        ],
    },
    Row {
        id: "I-64",
        trap: "swap is found by its type alone, and must not be mounted",
        ends: &[Rule("swap-by-half"), Rule("mounted-swap"), Rule("swap-off-root-disk"), Rule("idle-partition-key")],
    },
    Row { id: "I-65", trap: "mount points must be clean paths", ends: &[Rule("malformed-mount-point")] },
    Row {
        id: "I-66",
        trap: "some mounts get no unit, and are not mounted at boot",
        ends: &[Rule("mount-without-unit"), Rule("separate-system-folder"), Rule("mount-below-home")],
    },
    Row {
        id: "I-67",
        trap: "a unit for a path with a hyphen has the wrong name",
        ends: &[Rule("malformed-mount-point")],
    },
    Row {
        id: "I-68",
        trap: "the installer fails on what it finds in `/var` and `/usr`",
        ends: &[Rule("kept-system-folder"), Rule("mount-on-var-tmp")],
    },
    Row { id: "I-69", trap: "older installers ignore `force_unit`", ends: &[Rule("needs-newer-installer")] },
    Row {
        id: "I-70",
        trap: "bundles are not checked, not even for a kernel",
        ends: &[Rule("no-kernel"), Rule("malformed-bundle"), Rule("several-kernels")],
    },
    Row {
        id: "I-71",
        trap: "an installer image knows some formats of releases",
        ends: &[Rule("format-crossing"), Unseen("what the image was made from", "language/releases.md")],
    },
    Row {
        id: "I-72",
        trap: "mirrors are for the installed system, not for the installation",
        ends: &[
            Rule("half-a-mirror"),
            Rule("mirror-with-dnf"),
            Unseen("where the installer downloads from", "language/releases.md"),
        ],
    },
    Row { id: "I-73", trap: "`http_proxy` is never used", ends: &[Rule("unused-http-proxy")] },
    Row { id: "I-74", trap: "with dnf the list holds packages", ends: &[Rule("bundles-with-dnf")] },
    Row { id: "I-75", trap: "`cmdline` needs the boot manager", ends: &[Rule("cmdline-without-bootloader")] },
    Row {
        id: "I-76",
        trap: "user names and hashes are pasted into a command",
        ends: &[Rule("malformed-user-name"), Rule("malformed-password-hash"), Rule("malformed-full-name")],
    },
    Row {
        id: "I-77",
        trap: "a user without password may have an empty one",
        ends: &[Rule("empty-password"), Rule("malformed-password-hash"), Rule("user-without-login")],
    },
    Row {
        id: "I-78",
        trap: "a user named like a group of the system is not made",
        ends: &[Rule("malformed-user-name")],
    },
    Row { id: "I-79", trap: "some RSA keys are taken for file names", ends: &[Rule("malformed-ssh-key")] },
    Row {
        id: "I-80",
        trap: "a key without line feed swallows the next one",
        ends: &[Built("keys end in a line feed", JUDGED)],
    },
    Row {
        id: "I-81",
        trap: "`sudo` needs its program, and garbles `/etc/shadow` for two users",
        ends: &[Rule("sudo-without-bundle"), Rule("several-sudo-users")],
    },
    Row {
        id: "I-82",
        trap: "a static address without interface fails after the disk is written",
        ends: &[Rule("address-without-interface")],
    },
    Row {
        id: "I-83",
        trap: "a static address needs networkd",
        ends: &[Rule("address-without-networkd"), Rule("gateway-outside-network"), Rule("malformed-interface")],
    },
    Row {
        id: "I-84",
        trap: "one template for all gives one host name to all",
        ends: &[Built("each host has its own", SERVED)],
    },
    Row {
        id: "I-85",
        trap: "hooks that fail, or never end, stop the installer",
        ends: &[Rule("malformed-hook"), Built("hooks are lists of texts", JUDGED)],
    },
    Row {
        id: "I-86",
        trap: "hooks in the new system have no /proc, no /dev, no DNS",
        ends: &[Unseen("what a command needs", "language/hooks.md")],
    },
    Row {
        id: "I-87",
        trap: "machines that are not listed cannot ask for a role by MAC address",
        ends: &[Built("a hook brings it", "the_hook_of_bulk_gives_a_machine_that_is_not_listed_its_role")],
    },
    Row {
        id: "I-88",
        trap: "nothing remembers that a machine is installed",
        ends: &[
            Rule("reinstalls-for-ever"),
            Rule("unlisted-with-installed-role"),
            Unseen(
                "what the firmware boots first; `build` says how many are installed at each boot",
                "language/state.md",
            ),
        ],
    },
];
