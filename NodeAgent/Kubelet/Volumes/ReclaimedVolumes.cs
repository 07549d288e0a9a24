using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>
/// Directories that this node has made for claims, removed when their PersistentVolume is. Each has a record in the kubelet's own
/// directory: what somebody else made, or is to be retained, is never touched.
/// </summary>
internal sealed partial class ReclaimedVolumes(KubeletOptions options, ApiClient client, TimeProvider clock, ILogger logger)
{
    private const string Provisioner = "flotilla.local/directory";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private string Records => Path.Combine(options.RootDirectory, "made-volumes");

    public static bool IsMadeHere(PersistentVolume volume) => volume.Spec.HostPath is not null
        && volume.Metadata.Annotations?.GetValueOrDefault("pv.kubernetes.io/provisioned-by") == Provisioner;

    /// <summary>Remembers that the volume's directory is on this node.</summary>
    public static void Remember(string rootDirectory, PersistentVolume volume)
    {
        var record = Path.Combine(rootDirectory, "made-volumes", volume.Metadata.Name);
        if (!File.Exists(record))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(record)!);
            File.WriteAllText(record, volume.Spec.HostPath!.Path);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or ApiException or IOException or UnauthorizedAccessException)
            {
                LogFailed(logger, exception.Message);
            }

            await Task.Delay(Interval, clock, cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var record in Directory.Exists(Records) ? Directory.GetFiles(Records) : [])
        {
            var found = await client.GetAsync(Kinds.PersistentVolumes, null, Path.GetFileName(record), cancellationToken);
            if (found.Succeeded && found.Value?.Spec.PersistentVolumeReclaimPolicy is not "Delete")
            {
                // The owner wants the data kept, also after the volume: it is no longer this node's to remove.
                File.Delete(record);
            }
            else if (found.IsNotFound)
            {
                Remove(record);
            }
        }
    }

    private void Remove(string record)
    {
        var directory = File.ReadAllText(record);
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        File.Delete(record);
        LogRemoved(logger, directory);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The directory {Directory} of a deleted volume is removed")]
    private static partial void LogRemoved(ILogger logger, string directory);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Directories of deleted volumes could not be looked for: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
