namespace Flotilla.ClusterCore.Controllers;

/// <summary>One control loop. It subscribes to informers when it is made, and works while it runs.</summary>
internal interface IController
{
    string Name { get; }

    Task RunAsync(CancellationToken cancellationToken);
}
