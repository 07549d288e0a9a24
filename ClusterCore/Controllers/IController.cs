namespace Flotilla.ClusterCore.Controllers;

/// <summary>One control loop. It subscribes to informers when it is made, and works while it runs.</summary>
internal interface IController
{
    string Name { get; }

    /// <summary>Whether the server serves what the loop is for, known once informers have synced; one that it does not is left out.</summary>
    bool IsServed => true;

    /// <summary>Whether the loop works with as much as it may read, and itself waits for the rest as long as it wants to.</summary>
    bool ReadsWhatItCan => false;

    Task RunAsync(CancellationToken cancellationToken);
}
