namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>The spec asks for what is not there (yet): the container waits with CreateContainerConfigError and this message.</summary>
public sealed class ContainerConfigException(string message) : Exception(message);
