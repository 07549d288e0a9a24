using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Images;

/// <summary>The image, or why it is not there and when to try again.</summary>
internal sealed record ImageOutcome(Image? Image, ContainerTrouble? Trouble = null, DateTimeOffset? RetryAt = null);
