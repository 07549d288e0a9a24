using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Server.Logs;
using Flotilla.NodeAgent.Kubelet.Volumes;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>An ended container's message: what it wrote to its termination file, or the end of its log where the spec says so.</summary>
internal sealed class LastWords(KubeletOptions options)
{
    private const int LongestMessage = 4096;
    private const int LongestLog = 2048;
    private const int MostLogLines = 80;

    public async Task<string> ReadAsync(Pod pod, PodContainer container, ContainerRecord record, CancellationToken cancellationToken)
    {
        var path = new PodDirectories(options.RootDirectory, pod.Metadata.Uid!).TerminationMessage(record.Name, record.Attempt);
        var written = File.Exists(path) ? await HeadAsync(path, cancellationToken) : "";
        if (written.Length > 0 || record.ExitCode == 0 || container.Spec.TerminationMessagePolicy != "FallbackToLogsOnError" || !File.Exists(record.LogPath))
        {
            return written;
        }

        using var output = new MemoryStream();
        await LogReader.CopyAsync(record.LogPath, new LogQuery { TailLines = MostLogLines }, output, cancellationToken);
        var log = Encoding.UTF8.GetString(output.ToArray());
        return log.Length > LongestLog ? log[^LongestLog..] : log;
    }

    private static async Task<string> HeadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var buffer = new byte[LongestMessage];
        var length = await file.ReadAtLeastAsync(buffer, LongestMessage, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
