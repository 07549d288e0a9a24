using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>
/// A volume's files, replaced all at once. Readers go through links, and one rename switches them:
/// <c>token -> ..data/token</c>, <c>..data -> ..2026_11_21_01_02_03.123456</c>.
/// </summary>
public sealed partial class AtomicFiles(string directory, TimeProvider clock, long? owningGroup)
{
    private const string Data = "..data";

    public void Write(IReadOnlyCollection<VolumeFile> files)
    {
        Directory.CreateDirectory(directory);
        var link = Path.Combine(directory, Data);
        var old = new FileInfo(link).LinkTarget;
        if (old is not null && Same(Path.Combine(directory, old), files))
        {
            return;
        }

        var version = $"..{clock.GetUtcNow():yyyy_MM_dd_HH_mm_ss.fffffff}";
        WriteVersion(Path.Combine(directory, version), files);
        var next = Path.Combine(directory, "..data_tmp");
        File.Delete(next);
        File.CreateSymbolicLink(next, version);
        // Not File.Move: it follows the link and finds a folder.
        Check(Rename(next, link), link);
        LinkTop(files);
        if (old is not null)
        {
            Directory.Delete(Path.Combine(directory, old), recursive: true);
        }
    }

    private void WriteVersion(string target, IReadOnlyCollection<VolumeFile> files)
    {
        Directory.CreateDirectory(target);
        foreach (var file in files)
        {
            var path = Path.Combine(target, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content);
            // A volume with an owning group can be read by it, whatever the mode says.
            var mode = owningGroup is null ? file.Mode : file.Mode | 0b100_000;
            File.SetUnixFileMode(path, (UnixFileMode)(mode & 0b111_111_111));
            if ((file.Owner ?? owningGroup) is not null)
            {
                Check(Chown(path, (uint?)file.Owner ?? uint.MaxValue, (uint?)owningGroup ?? uint.MaxValue), path);
            }
        }
    }

    private void LinkTop(IEnumerable<VolumeFile> files)
    {
        var wanted = files.Select(file => file.Path.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var name in wanted)
        {
            var path = Path.Combine(directory, name);
            if (new FileInfo(path).LinkTarget is null)
            {
                File.CreateSymbolicLink(path, $"{Data}/{name}");
            }
        }

        foreach (var path in Directory.GetFileSystemEntries(directory))
        {
            if (!Path.GetFileName(path).StartsWith("..", StringComparison.Ordinal) && !wanted.Contains(Path.GetFileName(path)))
            {
                File.Delete(path);
            }
        }
    }

    private static bool Same(string version, IReadOnlyCollection<VolumeFile> files)
    {
        if (!Directory.Exists(version) || Directory.GetFiles(version, "*", SearchOption.AllDirectories).Length != files.Count)
        {
            return false;
        }

        return files.All(file => File.Exists(Path.Combine(version, file.Path))
            && File.ReadAllBytes(Path.Combine(version, file.Path)).AsSpan().SequenceEqual(file.Content));
    }

    private static void Check(int result, string path)
    {
        if (result != 0)
        {
            throw new IOException($"{path}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint owner, uint group);
}
