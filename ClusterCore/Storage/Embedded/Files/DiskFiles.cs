using System.Runtime.InteropServices;
using Flotilla.ClusterCore.Storage.Embedded.Snapshots;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.ClusterCore.Storage.Embedded.Files;

/// <summary>A real directory, locked against a second process for as long as this lives.</summary>
internal sealed class DiskFiles : IStoreFiles
{
    private const string LockName = "lock";
    private readonly string directory;
    private readonly FileStream directoryLock;

    private DiskFiles(string directory, FileStream directoryLock)
    {
        this.directory = directory;
        this.directoryLock = directoryLock;
    }

    public string Directory => directory;

    /// <exception cref="StoreLockedException">Another process has the directory open.</exception>
    public static DiskFiles OpenDirectory(string directory)
    {
        _ = System.IO.Directory.CreateDirectory(
            directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            // FileShare.None takes an exclusive flock, which the kernel drops when the process dies.
            return new(directory, new FileStream(
                Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new StoreLockedException(directory, exception);
        }
    }

    public IReadOnlyList<string> List() =>
        [.. System.IO.Directory.EnumerateFiles(directory).Select(static path => Path.GetFileName(path))
            .Where(static name => name is not (LockName or BackupSocket.Name)).Order(StringComparer.Ordinal)];

    public bool Exists(string name) => File.Exists(Path.Combine(directory, name));

    /// <summary>A file that is in no store's directory.</summary>
    public static IStoreFile OpenFile(string path) => new DiskFile(path);

    public IStoreFile Open(string name) => new DiskFile(Path.Combine(directory, name));

    public void Delete(string name) => File.Delete(Path.Combine(directory, name));

    public void Rename(string from, string to) =>
        File.Move(Path.Combine(directory, from), Path.Combine(directory, to), overwrite: true);

    public void FlushDirectory()
    {
        var handle = NativeFile.OpenDirectory(directory);
        try
        {
            NativeFile.Check(NativeFile.FSync(handle), "fsync", directory);
        }
        finally
        {
            _ = NativeFile.Close(handle);
        }
    }

    public void Dispose() => directoryLock.Dispose();

    private sealed class DiskFile(string path) : IStoreFile
    {
        private static readonly byte[] zeros = new byte[64 * 1024];
        private readonly SafeFileHandle handle = File.OpenHandle(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> buffer)
        {
            var total = 0;
            while (total < buffer.Length)
            {
                var read = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (read == 0)
                {
                    break;
                }

                total += read;
            }

            return total;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
            }
            catch (IOException exception) when (NativeFile.IsNoSpace(exception.HResult))
            {
                throw new NoSpaceException($"no space left for {path}", exception);
            }
        }

        public void Allocate(long length)
        {
            var have = Length;
            if (length > have)
            {
                NativeFile.Check(NativeFile.Allocate(handle, 0, have, length - have), "fallocate", path);
                // What was never written is marked so in the file's metadata, and each flush of a first write would write that too.
                for (var at = have; at < length; at += zeros.Length)
                {
                    Write(at, zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - at)));
                }
            }
        }

        public void Truncate(long length) => RandomAccess.SetLength(handle, length);

        public void Flush() => NativeFile.Check(NativeFile.DataSync(handle), "fdatasync", path);

        public void Dispose() => handle.Dispose();
    }
}

/// <summary>The system calls .NET has no method for.</summary>
internal static partial class NativeFile
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int DirectoryFlag = 0x10000;

    public static bool IsNoSpace(int error) => error is NoSpace or QuotaExceeded;

    public static int OpenDirectory(string path)
    {
        var handle = OpenFile(path, DirectoryFlag, 0);
        Check(handle < 0 ? -1 : 0, "open", path);
        return handle;
    }

    /// <summary>Turns the last system call's failure into the exception it stands for.</summary>
    public static void Check(int result, string call, string path)
    {
        if (result == 0)
        {
            return;
        }

        var error = Marshal.GetLastPInvokeError();
        var message = $"{call} of {path} failed: {Marshal.GetPInvokeErrorMessage(error)}";
        throw IsNoSpace(error) ? new NoSpaceException(message) : new IOException(message, error);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeFileHandle handle, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);
}
