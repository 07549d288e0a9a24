using Flotilla.Provisioner.Machines.Commands;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// Images every node has from its start, so that it needs no registry for them: the OCI archives in <c>images/</c> of the home
/// directory, the sandbox image among them.
/// </summary>
internal sealed class NodeImages(MachineOptions options, CommandRunner commands)
{
    public async Task ImportAsync(NodePaths paths, CancellationToken cancellationToken)
    {
        var done = Path.Combine(paths.Disk, "images-imported");
        var imported = File.Exists(done) ? await File.ReadAllLinesAsync(done, cancellationToken) : [];
        foreach (var archive in Archives())
        {
            var stamp = $"{archive.Name} {archive.Length} {archive.LastWriteTimeUtc:O}";
            if (imported.Contains(stamp)) { continue; }
            await commands.RunAsync(
                "ctr", ["-a", paths.Socket, "-n", "k8s.io", "images", "import", archive.FullName], cancellationToken);
            await File.AppendAllLinesAsync(done, [stamp], cancellationToken);
        }
    }

    private IEnumerable<FileInfo> Archives()
    {
        var directory = new DirectoryInfo(Path.Combine(options.Home, "images"));
        return directory.Exists ? directory.EnumerateFiles("*.tar").OrderBy(file => file.Name) : [];
    }
}
