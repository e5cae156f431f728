//! A disk with a system on it, for machines that are to reach their disk: all it does is to say so on the console.
//!
//! It is assembled here from its bytes, for both firmwares: the boot sector that BIOS starts, and the program
//! `\EFI\BOOT\BOOTX64.EFI` that UEFI starts, in a folder that QEMU shows to the machine as a FAT disk.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::qemu::Firmware;

/// What the system on the disk shows.
pub const SYSTEM: &str = "The system on the disk runs.";

/// Writes the disk into a folder, and gives its place.
pub fn write(firmware: Firmware, folder: &Path) -> PathBuf {
    let place = folder.join("disk");
    match firmware {
        Firmware::Bios => {
            let mut image = boot_sector();
            image.resize(1 << 20, 0);
            fs::write(&place, image).unwrap();
        }
        Firmware::Uefi => {
            fs::create_dir_all(place.join("EFI/BOOT")).unwrap();
            fs::write(place.join("EFI/BOOT/BOOTX64.EFI"), efi_program()).unwrap();
        }
    }
    place
}

/// 512 bytes that BIOS loads at 0x7c00 and starts in real mode.
fn boot_sector() -> Vec<u8> {
    let text_at = 0x7c00 + 25;
    let mut code = vec![0x31, 0xc0, 0x8e, 0xd8, 0xbe]; // xor ax, ax; mov ds, ax; mov si,
    code.extend(u16::to_le_bytes(text_at)); //             text
    code.push(0xfc); //                                    cld
    code.extend([0xac, 0x84, 0xc0, 0x74, 0x09]); //        next: lodsb; test al, al; jz end
    code.extend([0xb4, 0x0e, 0xbb, 0x07, 0x00]); //        mov ah, 0x0e; mov bx, 7
    code.extend([0xcd, 0x10, 0xeb, 0xf2]); //              int 0x10; jmp next
    code.extend([0xf4, 0xeb, 0xfd]); //                    end: hlt; jmp end
    code.extend(format!("\r\n{SYSTEM}\r\n\0").bytes());
    code.resize(510, 0);
    code.extend([0x55, 0xaa]);
    code
}

/// A program for UEFI: a PE32+ image of one section.
fn efi_program() -> Vec<u8> {
    let mut code = vec![0x48, 0x83, 0xec, 0x28]; //           sub rsp, 0x28
    code.extend([0x48, 0x8b, 0x4a, 0x40]); //                 mov rcx, [rdx + 0x40]   the system table's ConOut
    code.extend([0x48, 0x8d, 0x15, 6, 0, 0, 0]); //           lea rdx, [rip + 6]      text
    code.extend([0xff, 0x51, 0x08]); //                       call [rcx + 8]          OutputString
    code.extend([0xf4, 0xeb, 0xfd]); //                       end: hlt; jmp end
    code.extend(format!("\r\n{SYSTEM}\r\n\0").encode_utf16().flat_map(u16::to_le_bytes));
    code.resize(0x200, 0);

    let mut image = b"MZ".to_vec();
    image.resize(0x3c, 0);
    long(&mut image, &[0x40]);
    image.extend(b"PE\0\0");
    // x86-64, 1 section, an optional header of 240 bytes, executable with large addresses.
    short(&mut image, &[0x8664, 1, 0, 0, 0, 0, 0, 0, 240, 0x22]);
    short(&mut image, &[0x20b, 0]);
    // Sizes of code and data, the entry point, the base of the code; the base of the image, in two halves.
    long(&mut image, &[0x200, 0, 0, 0x1000, 0x1000, 0, 0]);
    // Alignment in memory and file, versions, size of the image and of its headers, no check sum.
    long(&mut image, &[0x1000, 0x200, 0, 0, 0, 0, 0x2000, 0x200, 0]);
    // An application for EFI.
    short(&mut image, &[10, 0]);
    // Stack and heap, 16 empty directories.
    long(&mut image, &[0; 9]);
    long(&mut image, &[16]);
    image.resize(image.len() + 16 * 8, 0);
    image.extend(b".text\0\0\0");
    // Size and place in memory, size and place in the file, flags: code, to execute, to read.
    long(&mut image, &[0x200, 0x1000, 0x200, 0x200, 0, 0, 0, 0x6000_0020]);
    image.resize(0x200, 0);
    image.extend(code);
    image
}

fn short(image: &mut Vec<u8>, numbers: &[u16]) {
    image.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn long(image: &mut Vec<u8>, numbers: &[u32]) {
    image.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}
