namespace Flotilla.Provisioner.Host.Pool;

/// <summary>Which machine of the pool this is; known once it is registered, which is before anything else starts.</summary>
public sealed class MachineIdentity
{
    public Guid Id { get; internal set; }
}
