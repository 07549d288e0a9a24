namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <param name="Path">Relative to the volume; may have folders in it.</param>
/// <param name="Mode">Permission bits, as in <c>defaultMode: 420</c> (0644).</param>
/// <param name="Owner">Null for root.</param>
public sealed record VolumeFile(string Path, byte[] Content, int Mode, long? Owner = null);
