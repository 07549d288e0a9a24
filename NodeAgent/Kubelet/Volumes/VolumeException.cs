namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>A volume cannot be set up (yet): the pod waits, with a FailedMount event of this message.</summary>
public sealed class VolumeException(string volume, string message) : Exception($"MountVolume.SetUp failed for volume \"{volume}\" : {message}")
{
    public string Volume { get; } = volume;
}
